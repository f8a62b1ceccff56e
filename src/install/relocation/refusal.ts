// Why a package cannot be relocated, as a sentence, and which root of the store would do.

import { SpackError } from '../../ui/error.ts'
import type { Refusal } from './binary.ts'

export interface FileRefusal {
  /** Below the prefix. */
  path: string
  refusal: Refusal
}

const shownFiles = 5

/** The error for a package with at least one refusal. `spec` is what to call it, `root` the root of the store here. */
export function relocationError(spec: string, root: string, refusals: readonly FileRefusal[]): SpackError {
  const files = [...new Set(refusals.map(({ path }) => path))]
  const shown = files.slice(0, shownFiles).map((file) => refusals.find(({ path }) => path === file)!)
  const lines = shown.map(({ path, refusal }) => `  \`${path}\`: ${reason(refusal)}`)
  if (files.length > shownFiles) lines.push(`  and ${files.length - shownFiles} more files`)
  return new SpackError(
    'relocation-refused',
    `${spec} cannot be relocated to the store \`${root}\` (${byteLength(root)} characters)`,
    {
      detail: lines.join('\n'),
      hint: relocationHint(root, refusals),
    },
  )
}

/** Length of the longest root below which nothing is refused; 0 when there is none. */
function fittingRootLength(root: string, refusals: readonly FileRefusal[]): number {
  const lengths = refusals.map(({ refusal }) =>
    'fittingBytes' in refusal ? byteLength(root) - (refusal.pair.new.length - refusal.fittingBytes) : 0,
  )
  return Math.max(0, Math.min(...lengths))
}

const byteLength = (text: string): number => Buffer.byteLength(text)

function reason(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'cannot-grow':
      return `a string with \`${refusal.pair.old}\` has no room for the longer \`${refusal.pair.new}\``
    case 'cannot-shrink':
      return `a string that ends in \`${refusal.pair.old}\` may share its end with others, so \`${refusal.pair.new}\` would have to be 8 bytes shorter than that or end alike`
    case 'elf':
    case 'mach-o':
      return refusal.reason
  }
}

function relocationHint(root: string, refusals: readonly FileRefusal[]): string {
  const length = fittingRootLength(root, refusals)
  const fitting =
    length > 1
      ? `a store root of at most ${length} characters fits (\`config:install_tree:root\`)`
      : 'no other store root helps; this package must be built from source'
  return `${fitting}; binaries for any root are built with \`config:install_tree:padded_length\``
}
