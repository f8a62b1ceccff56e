// With which options compilers optimize for a target. By itself, since only concretizing and building ask for it, and
// reading the table takes a millisecond.

import type { Target } from './target.ts'
import table from './target-flags.json' with { type: 'json' }
import { compareVersions, parseVersion } from './version.ts'

/** How a range of versions of a compiler optimizes for a target. */
interface TargetOptions {
  /** A range of dotted numbers, `4.9:` or `4.8:4.8.9`. */
  versions: string
  /** The compiler's word for the target where it differs. */
  name?: string
  /** `{name}` and `{family}` stand for words. */
  flags: string
}

/** By target, then by names of compilers in archspec (`clang`, not `llvm`). */
type TargetCompilers = Readonly<Record<string, Readonly<Record<string, readonly TargetOptions[] | undefined>>>>
const facts: TargetCompilers = table

function optionsFor(target: string, compiler: string): readonly TargetOptions[] | undefined {
  const compilers = facts[target]
  return compilers && Object.hasOwn(compilers, compiler) ? compilers[compiler] : undefined
}

/** Optimization flags, or why there are none. */
export type TargetFlags = { flags: string } | { refusal: string }

/**
 * The flags with which a compiler (archspec's name of it, `clang`) of a version (dotted numbers) optimizes for a target.
 * A compiler that is not described for the target's family gives no flags; one that is, but not for this target or not
 * in this version, is refused.
 */
export function targetFlags(target: Target, compiler: string, version: string): TargetFlags {
  if (!optionsFor(target.family, compiler)) return { flags: '' }
  const options = optionsFor(target.name, compiler)
  if (!options) {
    return { refusal: `\`${compiler}\` is not known to optimize for target \`${target.name}\`` }
  }
  if (!/^(\d+\.)*\d+$/.test(version)) return { refusal: `\`${version}\` is not a version made of dotted numbers` }
  const row = options.find(({ versions }) => covers(versions, version))
  if (!row) {
    const ranges = options.map(({ versions }) => versions).join(', ') || 'none'
    return {
      refusal: `\`${compiler}@${version}\` does not support target \`${target.name}\` (versions that do: ${ranges})`,
    }
  }
  const words = { name: row.name ?? target.name, family: target.family }
  return { flags: row.flags.replace(/\{(name|family)\}/g, (_, word: keyof typeof words) => words[word]) }
}

/** Both ends are included, component by component: 4.8:4.8.9 holds 4.8.9 and not 4.8.9.1. */
function covers(range: string, version: string): boolean {
  const [first, last] = range.split(':')
  const at = parseVersion(version)
  if (first && compareVersions(at, parseVersion(first)) < 0) return false
  return !last || compareVersions(at, parseVersion(last)) <= 0
}
