// What we and the Python guest say to each other while a package is built. Lines of JSON over the guest's standard input and
// output; its standard error is the log, to which also goes what recipes and the programs that they run print.
//
//   we    JOB                                          once, the first line: what is to be built, and all that it depends on
//   guest {"ready": …} | {"failed": …}                 the recipes are loaded, and the environment of the build is set up
//   we    {"do": "patch"}                              in the unpacked sources: the recipe's own `patch`
//   guest {"done": {"ran": BOOL}} | {"failed": …}
//   we    {"do": "build"}                              all phases, then what is kept of the stage in `PREFIX/.spack`
//   guest {"phase": NAME}                              one begins
//   guest {"done": BUILT} | {"stopped": …} | {"failed": …}
//   we    {"do": "environment"}                        for `spack build-env`
//   guest {"done": ENVIRONMENT} | {"failed": …}
//
// A job with `run` prepares no build; then there is only this:
//
//   we    {"do": "run-environment"}
//   guest {"done": RUN_ENVIRONMENT} | {"failed": …}
//
// At any time between a line of ours and its answer:
//
//   guest {"ask": QUESTION, "arguments": […]}          see `questions.ts` and `build-questions.ts`
//   we    {"value": …} | {"error": TEXT}               a refusal reaches the recipe as an exception
//
// The guest leads its own process group. Descriptors after the third are those of the jobserver and then the lifeline, whose
// number is in SPACK_GUEST_LIFELINE: when we are gone it is closed, and the guest kills its group. It holds no spec logic.

import type { JsonObject, JsonValue } from './json-value.ts'

/** A node of the DAG as the guest sees it. */
export interface BuildNode {
  hash: string
  name: string
  version: string
  namespace: string
  /** Of the recipe: `py_numpy` for `py-numpy`. */
  folder: string
  platform: string
  os: string
  target: string
  variants: Readonly<Record<string, JsonValue>>
  flags: Readonly<Record<string, readonly string[]>>
  patches: readonly string[]
  external: { path: string | null; modules: readonly string[] | null; extra_attributes: JsonObject } | null
  prefix: string | null
  installed: boolean
  edges: readonly { hash: string; deptypes: readonly string[]; virtuals: readonly string[]; direct: boolean }[]
}

/** Facts of configuration and places that builds ask for. */
export interface GuestSettings {
  /** The repository of the recipe that is built, for its copy in the prefix. */
  repository: { namespace: string; api: string }
  /** Folders in which compiler wrappers put what they find in front: store, upstreams and stages, with their real paths. */
  managed_dirs: readonly string[]
  sbang: string
  cache_dir: string
  license_dir: string
  debug_log_dir: string
  debug: boolean
  ccache: boolean
  build_language: string | null
  shared_linking: 'rpath' | 'runpath'
  keep_werror: 'all' | 'specific' | 'none'
}

export interface GuestOptions {
  tests: boolean
  dirty: boolean
  /** The last phase, and the phase before which to stop. */
  until: string | null
  stop_before: string | null
  install_source: boolean
}

/** Where sources are. */
export interface StagePlaces {
  path: string
  source_path: string
  archive_file: string | null
}

export interface JobStage extends StagePlaces {
  resources: readonly (StagePlaces & { name: string })[]
}

export interface BuildJob {
  hash: string
  /** Hashes of the roots that are to be run; nothing is built then. */
  run?: readonly string[]
  /** The environment that the build begins with; what started Python may have changed its own. */
  environ: Readonly<Record<string, string | undefined>>
  nodes: readonly BuildNode[]
  /** Folders of repositories by namespace. */
  repositories: Readonly<Record<string, string>>
  settings: GuestSettings
  options: GuestOptions
  stage: JobStage
  /** How many jobs where no jobserver is asked, and MAKEFLAGS for programs that join through a path only. */
  jobs: { count: number; fifo: string }
}

export interface Built {
  /** Phases and how long they took. */
  phases: readonly (readonly [name: string, seconds: number])[]
  unresolved_libraries: readonly string[]
  non_bindable_shared_objects: readonly string[]
  /** Files of licenses, which lead to the site's own. */
  license_links: Readonly<Record<string, string>>
}

export interface BuildEnvironment {
  environment: Readonly<Record<string, string>>
  /** The changes as lines for a shell. */
  modifications: string
  /** Where the builder works; the sources, when it does not say. */
  build_directory: string
}

/** What has to change so that packages can be run. */
export interface RunEnvironment {
  /** In order. Kinds are named for the methods that recipes call: `set`, `prepend_path`… */
  changes: readonly (readonly [kind: string, name: string, value: string, separator: string])[]
}

/** What went wrong inside the guest. */
export interface GuestFailure {
  /** The name of the exception. */
  kind: string
  message: string
  detail: string | null
  /** File and line of the recipe. */
  where: string | null
  /** That line. */
  line: string | null
  /** The recipe or the API said what is wrong; otherwise something came up that nobody thought of. */
  is_expected: boolean
  traceback: string
}

export type GuestMessage =
  | { phase: string }
  | { ready: { name: string } }
  | { done: unknown }
  | { stopped: { where: 'before' | 'after'; phase: string } }
  | { failed: GuestFailure }
  | { ask: string; arguments: readonly JsonValue[] }
