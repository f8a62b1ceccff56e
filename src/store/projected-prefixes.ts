// The prefixes that specs have by the projections of a store, known only by their nodes. Brings the spec language with it,
// for 15 ms: whoever knows the prefixes already does without.

import { readNodes } from '../spec/node.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { prefixOf } from './layout.ts'
import type { NodeSource } from './registration.ts'
import type { Store } from './store.ts'

/** `nodes` holds the specs and all that they depend on. */
export function projectedPrefixes(
  store: Store,
  nodes: ReadonlyMap<DagHash, NodeSource>,
): (hash: DagHash) => string | null {
  let specs: Map<DagHash, Spec> | undefined
  return (hash) => {
    specs ??= readNodes([...nodes.values()].map((source) => source.node))
    return prefixOf(store, specs.get(hash)!)
  }
}
