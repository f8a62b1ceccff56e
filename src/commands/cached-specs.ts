// What the build caches of all mirrors have, for who reuses it: nodes as their indexes hold them.

import { fetchIndex } from '../buildcache/index-cache.ts'
import { type IndexRecords, indexRecords } from '../buildcache/index-records.ts'
import { shownUrl } from '../buildcache/location.ts'
import { binaryMirrors, type Mirror } from '../buildcache/mirror.ts'
import { SpackError } from '../ui/error.ts'
import { configuration } from './configured.ts'
import { type DatabasePile, databasePile } from './database-pile.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors, indexFolder, invocationTransport } from './mirrors.ts'

/** What is in the indexes of build caches. A mirror that cannot be read is left out, and it is said. */
export async function cachesPile(invocation: Invocation): Promise<DatabasePile> {
  const mirrors = binaryMirrors(configuredMirrors(await configuration(invocation)))
  const databases: IndexRecords[] = []
  for (const mirror of mirrors) {
    try {
      databases.push(...(await indexesOf(mirror, invocation)))
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${error.message}; nothing of it is reused\n`)
    }
  }
  return databasePile(databases, ({ isInBuildcache, node }) => isInBuildcache || Boolean(node.external))
}

async function indexesOf(mirror: Mirror, invocation: Invocation): Promise<IndexRecords[]> {
  const settings = await configuration(invocation)
  const indexes = { transport: await invocationTransport(invocation), folder: indexFolder(settings) }
  const found: IndexRecords[] = []
  for (const layout of mirror.layouts) {
    const answer = await fetchIndex({ mirror, layout }, indexes)
    if (answer.kind === 'absent') continue
    if (answer.warning) invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${answer.warning}\n`)
    found.push(indexRecords(answer.text, answer.digest, indexes.folder, shownUrl(mirror.fetchUrl)))
  }
  return found
}
