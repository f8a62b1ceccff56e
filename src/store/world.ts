// What registering asks of the store: which prefix a spec would have, and whether it is there.

import { readNodes } from '../spec/node.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { prefixOf } from './layout.ts'
import type { NodeSource, RegistrationWorld } from './registration.ts'
import { readInstalledNodes } from './spec-file.ts'
import type { Store } from './store.ts'
import { isInstalledUpstream, type Upstream } from './upstream.ts'

export interface StoreWorld {
  /** The world as seen with the nodes of one spec and all that it depends on. */
  of: (nodes: ReadonlyMap<DagHash, NodeSource>) => RegistrationWorld
}

export function storeWorld(store: Store, upstreams: readonly Upstream[]): StoreWorld {
  return {
    of: (nodes) => {
      // Specs are only made when a dependency is met that nobody installed: its prefix must be worked out.
      let specs: Map<DagHash, Spec> | undefined
      const specOf = (hash: DagHash): Spec => {
        specs ??= readNodes([...nodes.values()].map((source) => source.node))
        return specs.get(hash)!
      }
      return {
        prefixOf: (hash) => prefixOf(store, specOf(hash)),
        isPublished: (prefix, hash) => readInstalledNodes(prefix)?.root === hash,
        isUpstream: (hash) => isInstalledUpstream(upstreams, hash),
      }
    },
  }
}
