// A small store for tests of commands, and an environment of what is in it.
//
//   app@2.0 ──▶ lib@1.0 ──▶ libc@2.36 (external)       app and tool were asked for; app@1.0 is not installed
//   app@2.0 ──▶ make@4.4 (build)
//   tool@1.0 ─▶ lib@1.0 (run)

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeLockfile } from '../../src/environment/lockfile.ts'
import { nodesBelow } from '../../src/environment/lockfile-roots.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { recordIntent } from '../../src/store/journal.ts'
import type { Store } from '../../src/store/store.ts'
import { foldJournal, storeAt } from './bare-store.ts'
import { type CommandOutcome, type InvocationOptions, runCommand } from './invocation.ts'
import { nodesByHash, publish, specNode } from './prefixes.ts'
import { scratch } from './scratch.ts'

const libc = specNode('libc', [], { version: '2.36', external: { path: '/usr', module: null, extra_attributes: {} } })
const make = specNode('make', [], { version: '4.4' })
const lib = specNode('lib', [[libc, 'link']])
const tool = specNode('tool', [[lib, 'run']])
const app = specNode(
  'app',
  [
    [lib, 'link'],
    [make, 'build'],
  ],
  { version: '2.0' },
)
const oldApp = specNode('app', [[lib, 'link']], { version: '1.0' })
export const nodes = { libc, make, lib, tool, app, oldApp }
const all = Object.values(nodes)

export interface TestStore {
  home: string
  store: Store
  /** Runs `spack WORDS` on it. */
  spack: (words: string, options?: InvocationOptions) => Promise<CommandOutcome>
  prefixOf: (node: SpecNode) => string
}

export const hashOf = (node: SpecNode): DagHash => node.hash as DagHash
export const short = (node: SpecNode): string => node.hash!.slice(0, 7)

/** A store where all but `app@1.0` is installed. */
export async function smallStore(): Promise<TestStore> {
  const home = scratch()
  const store = storeAt(join(home, 'store'))
  const prefixOf = (node: SpecNode) => join(store.root, 'linux-x86_64', `${node.name}-${node.version}-${node.hash}`)
  for (const [i, node] of [make, lib, tool, app].entries()) {
    const intent = { hash: hashOf(node), name: node.name, prefix: prefixOf(node), timeSeconds: 1_600_000_000 + i }
    recordIntent(store, { ...intent, isExplicit: node === tool || node === app })
    publish(intent.prefix, node, all)
  }
  await foldJournal(store)
  const spack = (words: string, options: InvocationOptions = {}) =>
    runCommand(home, words.split(' '), { ...options, configSettings: [`config:install_tree:root:${store.root}`] })
  return { home, store, spack, prefixOf }
}

/** Writes a named environment whose lockfile has these roots. */
export function addEnvironment(
  home: string,
  name: string,
  roots: readonly SpecNode[],
  specs?: readonly string[],
): string {
  const folder = join(home, 'spack', 'var', 'spack', 'environments', name)
  mkdirSync(folder, { recursive: true })
  const asked = specs ?? roots.map((root) => `${root.name}@${root.version}`)
  writeFileSync(
    join(folder, 'spack.yaml'),
    `spack:\n  specs: [${asked.map((text) => `"${text}"`).join(', ')}]\n  view: false\n`,
  )
  const needed = roots.flatMap((root) => nodesBelow(nodesByHash(all), hashOf(root)))
  const lockfile = writeLockfile({
    roots: roots.map((root) => ({ hash: hashOf(root), spec: `${root.name}@${root.version}` })),
    nodes: nodesByHash(needed),
    includeConcrete: new Map(),
  })
  writeFileSync(join(folder, 'spack.lock'), lockfile)
  return folder
}
