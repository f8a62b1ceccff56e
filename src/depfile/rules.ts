// The graph of a lockfile as rules of make: plain values, written as text by `makefile.ts`.
//
// Each spec has four targets, all real files:
//
//   .install-deps/HASH            when what it needs is installed
//   .install/HASH                 when it is installed itself
//   install-deps/ID, install/ID   the same under names for people, and for hooks (`push/%: install/%`)
//
// A spec comes after what it needs, but is never remade because that was: a store addressed by hash holds the same files
// afterwards. What makes `.install/HASH` stale is its own prefix having gone.

import type { DagHash } from '../spec/spec.ts'
import type { DepfileGraph, DepfileNode } from './graph.ts'
import type { TargetNames } from './names.ts'

/**
 * `none`: nothing to run and no file; `install`: the installer, unless the spec is there; `stamp`: an empty file; `dirs`:
 * the folders of all stamps; `record`: the database and the views; `clean`: away with all stamps.
 */
export type Recipe = 'none' | 'install' | 'stamp' | 'dirs' | 'record' | 'clean'

export interface Rule {
  target: string
  /** Targets that come first; when one of them is newer, so must this be. */
  needs: readonly string[]
  /** Targets that come first (order-only prerequisites). */
  after: readonly string[]
  recipe: Recipe
  /** The spec whose prefix makes the target stale by having gone. */
  vanishing?: DagHash
}

/** All rules of a depfile; the first is what `make` makes when nothing is asked for. */
export function depfileRules(graph: DepfileGraph, names: TargetNames): Rule[] {
  const installs = new Map(graph.nodes.map(({ hash }) => [hash, names.install(hash)]))
  const installOf = (hash: DagHash) => installs.get(hash)!
  return [
    { target: names.all, needs: [names.env], after: [], recipe: 'none' },
    {
      target: names.env,
      needs: [...graph.roots.map(installOf), names.recorded],
      after: [names.dirs],
      recipe: 'stamp',
    },
    { target: names.envDeps, needs: graph.roots.map(names.installDeps), after: [names.dirs], recipe: 'stamp' },
    { target: names.recorded, needs: [...installs.values()], after: [names.dirs], recipe: 'record' },
    { target: names.dirs, needs: [], after: [], recipe: 'dirs' },
    ...graph.nodes.flatMap((node) => nodeRules(node, names, installOf)),
    { target: names.clean, needs: [], after: [], recipe: 'clean' },
  ]
}

function nodeRules(node: DepfileNode, names: TargetNames, installOf: (hash: DagHash) => string): Rule[] {
  const { hash, id, needs } = node
  const [install, installDeps] = [installOf(hash), names.installDeps(hash)]
  const vanishing = node.node.external ? undefined : hash
  return [
    { target: install, needs: [], after: [installDeps], recipe: 'install', vanishing },
    { target: installDeps, needs: needs.map(installOf), after: [names.dirs], recipe: 'stamp' },
    { target: names.installId(id), needs: [install], after: [], recipe: 'stamp' },
    { target: names.installDepsId(id), needs: [installDeps], after: [], recipe: 'stamp' },
  ]
}
