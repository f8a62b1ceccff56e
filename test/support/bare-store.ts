// Stores of which only the root is known, and what their journals hold.

import type { Folded } from '../../src/store/fold.ts'
import { defaultLocks, defaultProjections, type Store, storeFrom } from '../../src/store/store.ts'
import { changeDatabase } from '../../src/store/transaction.ts'

/** A store with default projections and locks, and without upstreams. */
export const storeAt = (root: string): Store =>
  storeFrom({ root, unpaddedRoot: root, projections: defaultProjections, locks: defaultLocks, upstreams: {} })

/** Moves the intents of finished installations into the database, whose lock is waited for. */
export const foldJournal = (store: Store): Promise<Folded> => changeDatabase(store, (_database, open) => open.folded)
