// Old prefixes and what they become, in order: where several match at a place, the first wins (sbang, then packages, then
// the root of the store). Conformance `relocation/README.md`.

export interface PrefixPair {
  readonly old: Buffer
  readonly new: Buffer
}

export interface PrefixMap {
  readonly pairs: readonly PrefixPair[]
  /** Length of the longest old prefix in bytes. */
  readonly longestBytes: number
  /** What places are searched for: each old prefix begins with one of these. */
  readonly starts: readonly Buffer[]
}

export interface PrefixMatch {
  at: number
  pair: PrefixPair
}

/** Beyond so many different first folders, one common start (a slash, then) is searched for instead of many. */
const mostStarts = 8

/** A map from [old, new] pairs. Pairs with both sides equal are dropped; of equal old prefixes the last one counts. */
export function prefixMap(pairs: Iterable<readonly [string, string]>): PrefixMap {
  const changed = [...new Map(pairs)].filter(([old, replacement]) => old !== replacement)
  const bytes = changed.map(([old, replacement]) => ({ old: Buffer.from(old), new: Buffer.from(replacement) }))
  return {
    pairs: bytes,
    longestBytes: Math.max(0, ...bytes.map((pair) => pair.old.length)),
    starts: commonStarts(bytes.map((pair) => pair.old)),
  }
}

/** The pair whose old prefix stands in `data` at `at`. */
export function pairAt(map: PrefixMap, data: Buffer, at: number): PrefixPair | undefined {
  return map.pairs.find(
    ({ old }) => at + old.length <= data.length && data.compare(old, 0, old.length, at, at + old.length) === 0,
  )
}

/**
 * A function that gives the first match at or behind a position. Positions must not decrease from call to call. Searches
 * for long common beginnings, which costs about a third of a millisecond a megabyte.
 */
export function prefixFinder(map: PrefixMap, data: Buffer): (from: number) => PrefixMatch | undefined {
  const search = (start: Buffer, from: number) => {
    const at = data.indexOf(start, from)
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }
  const next = map.starts.map(() => -1)
  return (from) => {
    for (let position = from; ; position++) {
      map.starts.forEach((start, i) => {
        if (next[i]! < position) next[i] = search(start, position)
      })
      position = Math.min(...next)
      if (!Number.isFinite(position)) return undefined
      const pair = pairAt(map, data, position)
      if (pair) return { at: position, pair }
    }
  }
}

function commonStarts(prefixes: readonly Buffer[]): Buffer[] {
  const groups = new Map<string, Buffer>()
  for (const prefix of prefixes) {
    const folder = prefix.toString('latin1').split('/', 2).join('/')
    const other = groups.get(folder)
    groups.set(folder, other ? commonStart(other, prefix) : prefix)
  }
  const starts = [...groups.values()]
  return starts.length > mostStarts ? [starts.reduce(commonStart)] : starts
}

function commonStart(a: Buffer, b: Buffer): Buffer {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return a.subarray(0, length)
}
