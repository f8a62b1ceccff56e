// What may follow `target=`: a name, a range of them (`haswell:`, `:zen3`, both ends included) or a list, as text.

import { knownTarget, requireTarget, runsOn, type Target, targetNames } from './target.ts'

/** Whether the text names one target, and is no range or list. */
export const isOneTarget = (text: string): boolean => !text.includes(':') && !text.includes(',')

/** Known targets that are in a range or list, sorted. Throws SpackError `unknown-target` for unknown ends of ranges. */
export const targetsIn = (text: string): string[] =>
  targetNames.filter((name) => text === '*' || intersectTargets(name, text).length > 0)

/**
 * The parts that two texts have in common, as parts of a list. Throws SpackError `unknown-target` where a name meets
 * a range whose ends are not known.
 */
export function intersectTargets(a: string, b: string): string[] {
  if (a === b && isOneTarget(a)) return [a]
  return a.split(',').flatMap((left) => b.split(',').flatMap((right) => intersectParts(left, right) ?? []))
}

function intersectParts(a: string, b: string): string | null {
  const [aRange, bRange] = [readRange(a), readRange(b)]
  if (!aRange && !bRange) return a === b ? a : null
  if (!aRange) return isWithin(a, bRange!) ? a : null
  if (!bRange) return isWithin(b, aRange) ? b : null
  return intersectRanges(aRange, bRange)
}

/** Empty texts are open ends. */
interface TargetRange {
  low: string
  high: string
}

function readRange(part: string): TargetRange | null {
  const colon = part.indexOf(':')
  return colon < 0 ? null : { low: part.slice(0, colon), high: part.slice(colon + 1) }
}

/** The ends must be known, as far as they are looked at; a name that is not is in no range but `:`. */
function isWithin(name: string, { low, high }: TargetRange): boolean {
  const target = knownTarget(name)
  const isAbove = (end: Target) => target !== undefined && runsOn(end, target)
  const isBelow = (end: Target) => target !== undefined && runsOn(target, end)
  return (!low || isAbove(requireTarget(low))) && (!high || isBelow(requireTarget(high)))
}

function intersectRanges(a: TargetRange, b: TargetRange): string | null {
  const low = narrowerEnd(a.low, b.low, (left, right) => runsOn(right, left))
  const high = narrowerEnd(a.high, b.high, runsOn)
  if (low === null || high === null) return null
  if (low && low === high) return low
  return low && high && !isOrdered(low, high) ? null : `${low}:${high}`
}

/** The narrower of two ends; null when neither is, since targets are only partly ordered. */
function narrowerEnd(a: string, b: string, isNarrower: (a: Target, b: Target) => boolean): string | null {
  if (!a || !b || a === b) return a || b
  const [left, right] = [knownTarget(a), knownTarget(b)]
  if (!left || !right) return null
  if (isNarrower(left, right)) return a
  return isNarrower(right, left) ? b : null
}

function isOrdered(low: string, high: string): boolean {
  const [lowTarget, highTarget] = [knownTarget(low), knownTarget(high)]
  return lowTarget !== undefined && highTarget !== undefined && runsOn(lowTarget, highTarget)
}
