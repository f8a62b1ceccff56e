// What is said where the system refuses a part of the database.

import { SpackError, systemErrorCode } from '../ui/error.ts'
import { refusalReason } from '../ui/system-fault.ts'

/** A file or folder of the database that cannot be read. */
export const unreadable = (path: string, cause: unknown): SpackError =>
  new SpackError('database-unreadable', `cannot read \`${path}\`: ${reasonOf(cause)}`, {
    hint: 'look at its permissions, and whether `config:install_tree:root` is the store that you mean',
    cause,
  })

/** Why the system refused something. */
export function reasonOf(cause: unknown): string {
  const code = systemErrorCode(cause)
  return refusalReason(code) ?? code ?? String(cause)
}
