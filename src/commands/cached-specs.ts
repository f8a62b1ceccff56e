// What the build caches of all mirrors have, for who reuses it: nodes as their indexes hold them.

import { readCacheIndex } from '../buildcache/cache-index.ts'
import { fetchIndex } from '../buildcache/index-cache.ts'
import { shownUrl } from '../buildcache/location.ts'
import { binaryMirrors, type Mirror } from '../buildcache/mirror.ts'
import { pileOf, type SpecPile } from '../concretize/spec-pile.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors, indexFolder, invocationTransport } from './mirrors.ts'

/** What is in the indexes of build caches. A mirror that cannot be read is left out, and it is said. */
export async function cachesPile(invocation: Invocation): Promise<SpecPile & { hashes: () => DagHash[] }> {
  const mirrors = binaryMirrors(configuredMirrors(await configuration(invocation)))
  const nodes = new Map<DagHash, SpecNode>()
  const offered = new Set<DagHash>()
  for (const mirror of mirrors) {
    try {
      for (const { node, isInCache } of await entriesOf(mirror, invocation)) {
        const hash = node.hash as DagHash
        if (!nodes.has(hash)) nodes.set(hash, node)
        if (isInCache || node.external) offered.add(hash)
      }
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${error.message}; nothing of it is reused\n`)
    }
  }
  const pile = pileOf(nodes)
  return {
    ...pile,
    named: (name) => pile.named(name).filter((hash) => offered.has(hash)),
    hashes: () => [...nodes.keys()],
  }
}

async function entriesOf(mirror: Mirror, invocation: Invocation) {
  const settings = await configuration(invocation)
  const indexes = { transport: await invocationTransport(invocation), folder: indexFolder(settings) }
  const found = []
  for (const layout of mirror.layouts) {
    const answer = await fetchIndex({ mirror, layout }, indexes)
    if (answer.kind === 'absent') continue
    if (answer.warning) invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${answer.warning}\n`)
    found.push(...readCacheIndex(answer.text, shownUrl(mirror.fetchUrl)))
  }
  return found
}
