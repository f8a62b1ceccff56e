// "did you mean": the closest known name to one that is unknown.

/** The candidate nearest to `name` by edit distance, or undefined when none is near enough to be a typing error. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const distance = editDistance(name, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** The candidates that are as near to `name` as the closest one, at most five. */
export function closestFew(name: string, candidates: readonly string[]): string[] {
  const nearest = closest(name, candidates)
  if (nearest === undefined) return []
  const distance = editDistance(name, nearest)
  const near = candidates.filter(
    (each) => Math.abs(each.length - name.length) <= distance && editDistance(name, each) === distance,
  )
  return [...new Set(near)].slice(0, 5)
}

/** A sentence `did you mean \`x\`?`, or undefined when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const nearest = closest(name, candidates)
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`
}

/** Levenshtein distance with transposition of neighbours counted as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(substitution, last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
