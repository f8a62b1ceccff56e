// `packages:NAME:permissions` → modes and group of what is installed, as Spack reads it.

import { execFileSync } from 'node:child_process'
import type { Configuration } from '../config/configuration.ts'
import type { Permissions } from '../install/permissions.ts'
import { SpackError } from '../ui/error.ts'

/** Who may: each includes the one before. */
const audiences: readonly string[] = ['user', 'group', 'world']
const readBits: readonly number[] = [0o700, 0o750, 0o755]
const writeBits: readonly number[] = [0, 0o020, 0o022]
const setGroupId = 0o2000

/** The permissions of a package: its own settings, else those of `all`. Throws SpackError `permissions`. */
export function configuredPermissions(configuration: Configuration, name: string): Permissions {
  const setting = (key: string, otherwise: string): string => {
    const own =
      configuration.get(`packages:${name}:permissions:${key}`) || configuration.get(`packages:all:permissions:${key}`)
    return String(own || otherwise)
  }
  const [read, write] = [setting('read', 'world'), setting('write', 'user')].map((word) => audiences.indexOf(word)) as [
    number,
    number,
  ]
  if (write > read) {
    throw new SpackError('permissions', `the permissions of \`${name}\` let more people write than read`, {
      hint: 'correct `permissions` in `packages.yaml`',
    })
  }
  const fileMode = readBits[read]! | writeBits[write]!
  const keepsGroup = read > 0 && configuration.get('config:allow_sgid') !== false
  const group = setting('group', '')
  return {
    fileMode,
    directoryMode: keepsGroup ? fileMode | setGroupId : fileMode,
    groupId: group ? groupNumber(group) : null,
  }
}

const groupNumbers = new Map<string, number>()

/** Asks the system, which may have groups that are in no file. */
function groupNumber(name: string): number {
  const known = groupNumbers.get(name)
  if (known !== undefined) return known
  try {
    const number = Number(
      execFileSync('getent', ['group', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(':')[2],
    )
    groupNumbers.set(name, number)
    return number
  } catch (cause) {
    throw new SpackError('permissions', `there is no group \`${name}\`, which \`packages.yaml\` names`, { cause })
  }
}
