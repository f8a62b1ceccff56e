// The node dictionary: one node of a DAG as it stands in lockfiles, spec.json, databases and build caches (format 5),
// dependencies by hash. Order of members matters: the DAG hash is taken over this text.

export interface NodeDependency {
  name: string
  hash: string
  parameters: { deptypes: readonly string[]; virtuals: readonly string[]; direct?: true }
}

export type NodeTarget =
  | string
  | {
      name: string
      vendor: string
      features: readonly string[]
      generation: number
      parents: readonly string[]
      cpupart?: string
    }

export interface SpecNode {
  name: string
  /** One exact version, without `=`. */
  version?: string
  versions?: readonly unknown[]
  arch?: { platform: string; platform_os: string; target: NodeTarget }
  /** Formats before 5. */
  compiler?: { name: string; version: string }
  namespace?: string
  parameters?: Record<string, unknown>
  propagate?: readonly string[]
  abstract?: readonly string[]
  external?: { path: string | null; module: readonly string[] | null; extra_attributes: Record<string, unknown> }
  concrete?: false
  patches?: readonly string[]
  package_hash?: string
  dependencies?: readonly NodeDependency[]
  build_spec?: { name: string; hash: string }
  annotations?: { original_specfile_version: number; compiler?: unknown }
  hash?: string
}
