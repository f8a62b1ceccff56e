// Modes and group of what is installed, as `packages:NAME:permissions` says. Archives know only executable or not.

import { SpackError } from '../ui/error.ts'

export interface Permissions {
  /** Of files that are executable; others lose the x bits. */
  fileMode: number
  /** With the set-group-ID bit, if that is configured. */
  directoryMode: number
  /** null: as the process creates them. */
  groupId: number | null
}

export const defaultPermissions: Permissions = { fileMode: 0o755, directoryMode: 0o2755, groupId: null }

const setUserId = 0o4000
const setGroupId = 0o2000

/**
 * The mode of an installed file, from its mode in the archive; set-user-ID, set-group-ID and sticky bits are kept. Throws
 * SpackError `permissions` when others could write a program that runs as its owner or group.
 */
export function installedMode(permissions: Permissions, archivedMode: number): number {
  const isExecutable = (archivedMode & 0o111) !== 0
  const mode = (isExecutable ? permissions.fileMode : permissions.fileMode & ~0o111) | (archivedMode & 0o7000)
  const isUnsafe = (mode & setUserId && mode & 0o022) || (mode & setGroupId && mode & 0o002)
  if (!isUnsafe) return mode
  throw new SpackError(
    'permissions',
    `the archive has a file of mode ${archivedMode.toString(8)}, and \`packages:permissions\` would let others write it`,
    {
      hint: 'set `write: user` under `permissions` of this package in `packages.yaml`',
    },
  )
}
