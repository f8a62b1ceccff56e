// Platform, operating system and target of a spec, and how two of them relate. `*` stands for any that is given.

import { SpackError } from '../ui/error.ts'
import type { Arch } from './spec.ts'
import { intersectTargets, isOneTarget } from './target-range.ts'

/** Whether everything that `b` asks for is so in `a`. */
export function archSatisfies(a: Arch | null, b: Arch | null): boolean {
  if (!b) return true
  if (!a) return false
  for (const part of ['platform', 'os'] as const) {
    // As in Spack, `platform=*` (or `os=*`) that is met ends the comparison.
    if (a[part] && b[part] === '*') return true
    if (b[part] && a[part] !== b[part]) return false
  }
  return !b.target || (a.target !== null && targetSatisfies(a.target, b.target))
}

/** Whether one architecture may be both; what is open in one of them may be anything. */
export function archIntersects(a: Arch | null, b: Arch | null): boolean {
  if (!a || !b) return true
  for (const part of ['platform', 'os'] as const) {
    if (a[part] && b[part] && a[part] !== b[part]) return false
  }
  return !a.target || !b.target || targetSatisfies(a.target, b.target)
}

function targetSatisfies(a: string, b: string): boolean {
  return a === b || b === '*' || intersectTargets(a, b).length > 0
}

/** `a` with what `b` asks for. Returns `a` itself when that is nothing new. Throws SpackError `unsatisfiable`. */
export function constrainArch(a: Arch | null, b: Arch | null): Arch | null {
  if (!b) return a
  if (!a) return b
  if (!archIntersects(a, b) || !archIntersects(b, a)) {
    throw new SpackError('unsatisfiable', `\`${printArch(a)}\` and \`${printArch(b)}\` exclude each other`)
  }
  const platform = a.platform ?? b.platform
  const os = a.os ?? b.os
  const target = constrainTarget(a.target, b.target)
  return platform === a.platform && os === a.os && target === a.target ? a : { platform, os, target }
}

function constrainTarget(a: string | null, b: string | null): string | null {
  if (!a || !b) return a ?? b
  if (isOneTarget(a)) return a
  return isOneTarget(b) ? b : intersectTargets(a, b).join(',')
}

/** As it stands in a spec: `platform=linux os=debian12`. */
export function printArch({ platform, os, target }: Arch): string {
  const parts = { platform, os, target }
  return Object.entries(parts)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
