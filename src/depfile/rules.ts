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
import { packageId, type TargetNames } from './names.ts'

/**
 * `alias`: nothing to run and no file; `install`: the installer, unless the spec is there; `stamp`: an empty file; `dirs`:
 * the folders of all stamps; `record`: the database and the views; `clean`: away with all stamps.
 */
export type Recipe = 'alias' | 'install' | 'stamp' | 'dirs' | 'record' | 'clean'

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
  const installs = graph.nodes.map(({ hash }) => names.install(hash))
  return [
    { target: names.all, needs: [names.env], after: [], recipe: 'alias' },
    {
      target: names.env,
      needs: [...graph.roots.map(names.install), names.recorded],
      after: [names.dirs],
      recipe: 'stamp',
    },
    { target: names.recorded, needs: installs, after: [names.dirs], recipe: 'record' },
    { target: names.dirs, needs: [], after: [], recipe: 'dirs' },
    ...graph.nodes.flatMap((node) => nodeRules(node, names)),
    { target: names.clean, needs: [], after: [], recipe: 'clean' },
  ]
}

function nodeRules({ hash, node, needs }: DepfileNode, names: TargetNames): Rule[] {
  const id = packageId(hash, node)
  const [install, installDeps] = [names.install(hash), names.installDeps(hash)]
  const [installId, installDepsId] = [names.installId(id), names.installDepsId(id)]
  const rules: Rule[] = [
    {
      target: install,
      needs: [],
      after: [installDeps],
      recipe: 'install',
      vanishing: node.external ? undefined : hash,
    },
    { target: installDeps, needs: needs.map(names.install), after: [names.dirs], recipe: 'stamp' },
    { target: installId, needs: [install], after: [], recipe: 'stamp' },
    { target: installDepsId, needs: [installDeps], after: [], recipe: 'stamp' },
  ]
  if (!names.hasShortNames) return rules
  return [
    ...rules,
    { target: `install/${id}`, needs: [installId], after: [], recipe: 'alias' },
    { target: `install-deps/${id}`, needs: [installDepsId], after: [], recipe: 'alias' },
  ]
}
