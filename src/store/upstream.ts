// Other stores (`upstreams` in the configuration) whose installed specs are used and never changed. They are read without a
// lock: we may not be allowed to take one there, and an index is replaced in one piece.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { Database } from './database.ts'
import { indexFile, readIndex } from './index-file.ts'
import type { Store } from './store.ts'

export interface Upstream {
  name: string
  root: string
  database: Database
}

/** The databases of a store's upstreams, in the order of the configuration. Throws SpackError `upstream-missing`. */
export function readUpstreams(store: Store): Upstream[] {
  return Object.entries(store.upstreams).map(([name, root]) => {
    const databaseDir = join(root, '.spack-db')
    if (!existsSync(indexFile(databaseDir))) {
      throw new SpackError(
        'upstream-missing',
        `the upstream \`${name}\` has no database at \`${indexFile(databaseDir)}\``,
        {
          hint: `correct or remove it: \`spack config edit upstreams\``,
        },
      )
    }
    return { name, root, database: readIndex(databaseDir) }
  })
}

/** Whether one of the upstreams has a spec installed. */
export const isInstalledUpstream = (upstreams: readonly Upstream[], hash: DagHash): boolean =>
  upstreams.some((upstream) => upstream.database.record(hash)?.isInstalled)
