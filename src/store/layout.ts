// Where a spec's prefix is in a store.

import { join } from 'node:path'
import { projectSpec } from '../spec/projection.ts'
import type { Spec } from '../spec/spec.ts'
import type { Store } from './store.ts'

export { openStore } from './configured-store.ts'

/** The absolute prefix of a concrete spec: an external's own path (null if it has none), else by the projections. */
export function prefixOf(store: Store, spec: Spec): string | null {
  const external = spec.concrete?.external
  if (external) return external.path
  return join(store.root, projectSpec(store.projections, spec))
}
