// Sources under version control: a packed checkout from a mirror or the cache, or a fresh one by the system's command.

import { SpackError } from '../ui/error.ts'
import { type FetchPlace, fetchArchive } from './fetch-archive.ts'
import type { ArchiveSource, CommandSource, GitSource } from './source-plan.ts'
import type { StageWorld } from './stage-world.ts'

export type Checkout = { kind: 'archive'; path: string; source: ArchiveSource } | { kind: 'folder'; path: string }

export async function fetchCheckout(
  source: GitSource | CommandSource,
  place: FetchPlace,
  world: StageWorld,
): Promise<Checkout> {
  throw new SpackError('no-source', `${source.kind} ${place.shown} ${typeof fetchArchive} ${typeof world}`)
}
