// What registering asks of the store: which prefix a spec would have, and whether it is there.

import type { DagHash } from '../spec/spec.ts'
import type { NodeSource, RegistrationWorld } from './registration.ts'
import { readInstalledNodes } from './spec-file.ts'
import type { Store } from './store.ts'
import { isInstalledUpstream, type Upstream } from './upstream.ts'

/** A spec and all that it depends on. */
export type Nodes = ReadonlyMap<DagHash, NodeSource>

/** Prefixes that need not be worked out. */
export type KnownPrefixes = (hash: DagHash) => string | undefined

export interface StoreWorld {
  /** The world as seen with the nodes of one spec and all that it depends on. */
  of: (nodes: Nodes) => RegistrationWorld
}

export interface WorldOptions {
  upstreams: readonly Upstream[]
  /** Of all specs that will be registered; undefined for one of which they are not known yet. */
  nodes: readonly (Nodes | undefined)[]
  knownPrefix: KnownPrefixes
}

/** The world for registering specs. */
export async function storeWorld(
  store: Store,
  { upstreams, nodes: all, knownPrefix }: WorldOptions,
): Promise<StoreWorld> {
  const isKnown = (hash: DagHash, { node }: NodeSource) => node.external || knownPrefix(hash) !== undefined
  const areKnown = all.every((nodes) => nodes && [...nodes].every(([hash, source]) => isKnown(hash, source)))
  const project = areKnown ? undefined : (await import('./projected-prefixes.ts')).projectedPrefixes
  return {
    of: (nodes) => {
      const projected = project?.(store, nodes)
      return {
        prefixOf: (hash) => knownPrefix(hash) ?? projected!(hash),
        isPublished: (prefix, hash) => readInstalledNodes(prefix)?.root === hash,
        isUpstream: (hash) => isInstalledUpstream(upstreams, hash),
      }
    },
  }
}
