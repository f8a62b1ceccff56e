// Lockfiles of small DAGs, written as edges: `{ app: ['lib', 'zlib'], lib: ['zlib'], zlib: [] }`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SmallNode {
  version?: string
  parameters?: Record<string, unknown>
  /** Digests. */
  patches?: readonly string[]
  /** Names, with deptypes behind a colon and virtuals behind an equals sign: `gcc:build=c,cxx`; without them, `link`. */
  needs?: readonly string[]
}

/** The hash of a node of a small DAG: its name, filled up. */
export const smallHash = (name: string): string => name.replace(/[^a-z2-7]/g, '').padEnd(32, 'a')

export function smallNodes(graph: Readonly<Record<string, SmallNode>>): object[] {
  return Object.entries(graph).map(([name, { version = '1.0', parameters = {}, needs = [], patches }]) => ({
    name,
    version,
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
    namespace: 'tiny',
    parameters,
    ...(patches ? { patches } : {}),
    package_hash: `${name}====`,
    dependencies: needs.map((need) => {
      const [, target, types, virtuals] = /^([\w-]+)(?::([\w,]+))?(?:=(.*))?$/.exec(need)!
      const deptypes = types?.split(',') ?? ['link']
      return {
        name: target,
        hash: smallHash(target!),
        parameters: { deptypes, virtuals: virtuals?.split(',') ?? [] },
      }
    }),
    hash: smallHash(name),
  }))
}

/** Writes `spack.yaml` and `spack.lock` into a folder. The first `roots` nodes are roots. */
export function writeSmallEnvironment(dir: string, graph: Readonly<Record<string, SmallNode>>, roots = 1): void {
  const names = Object.keys(graph)
  const chosen = names.slice(0, roots)
  const nodes = smallNodes(graph)
  const lockfile = {
    _meta: { 'file-type': 'spack-lockfile', 'lockfile-version': 6, 'specfile-version': 5 },
    roots: chosen.map((name) => ({ hash: smallHash(name), spec: name })),
    concrete_specs: Object.fromEntries(names.map((name, index) => [smallHash(name), nodes[index]])),
  }
  writeFileSync(join(dir, 'spack.yaml'), `spack:\n  specs: [${chosen.join(', ')}]\n  view: false\n`)
  writeFileSync(join(dir, 'spack.lock'), JSON.stringify(lockfile))
}
