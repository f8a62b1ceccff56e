// Targets of symbolic links.

import { type PrefixMap, pairAt } from './prefix-map.ts'

/**
 * The new target, or undefined when it stays: only absolute targets that begin with an old prefix change. A common
 * beginning is enough, `PREFIX-extra` is rewritten too.
 */
export function relocateLinkTarget(target: string, map: PrefixMap): string | undefined {
  if (!target.startsWith('/')) return undefined
  const bytes = Buffer.from(target)
  const pair = pairAt(map, bytes, 0)
  return pair && Buffer.concat([pair.new, bytes.subarray(pair.old.length)]).toString()
}
