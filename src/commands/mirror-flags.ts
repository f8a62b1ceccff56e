// What flags of `spack mirror` say about a mirror.

import type { Direction, MirrorEntry } from '../buildcache/mirror.ts'
import { changedLogin, type LoginChanges, type MirrorChanges } from '../buildcache/mirror-entry.ts'
import { SpackError } from '../ui/error.ts'
import type { Arguments, Flag } from './command.ts'
import { flagList, flagOn, flagText } from './command.ts'

export const scopeFlag: Flag = { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to modify' }

export const typeFlag: Flag = {
  name: 'type',
  kind: 'list',
  choices: ['binary', 'source'],
  help: 'specify the mirror type: for both `--type binary --type source` (default)',
}

export const signedFlags: readonly Flag[] = [
  { name: 'unsigned', help: 'do not require signing and signature verification for this build cache' },
  { name: 'signed', help: 'require signing and signature verification for this build cache' },
]

export const directionFlags: readonly Flag[] = [
  { name: 'push', help: 'modify just the push connection details' },
  { name: 'fetch', help: 'modify just the fetch connection details' },
]

export const connectionFlags: readonly Flag[] = [
  text('s3-access-key-id', 'ID string to use to connect to this S3 mirror'),
  text('s3-access-key-id-variable', 'environment variable containing the ID string of this S3 mirror'),
  text('s3-access-key-secret-variable', 'environment variable containing the secret string of this S3 mirror'),
  text('s3-access-token-variable', 'environment variable containing the access token of this S3 mirror'),
  text('s3-profile', 'S3 profile name to use to connect to this S3 mirror'),
  text('s3-endpoint-url', 'endpoint URL to use to connect to this S3 mirror'),
  text('oci-username', 'username to use to connect to this OCI mirror'),
  text('oci-username-variable', 'environment variable containing the username of this OCI mirror'),
  text('oci-password-variable', 'environment variable containing the password of this OCI mirror'),
]

export function text(name: string, help: string): Flag {
  return { name, kind: 'string', help }
}

/**
 * What the flags change of `entry`, the mirror as it is. Throws SpackError `usage` for flags that exclude each other and for
 * half a login.
 */
export function changesByFlags(args: Arguments, entry: MirrorEntry | undefined): MirrorChanges {
  const types = flagList(args, 'type')
  return {
    access_pair: loginChange(args, entry),
    access_token_variable: flagText(args, 's3-access-token-variable'),
    profile: flagText(args, 's3-profile'),
    endpoint_url: flagText(args, 's3-endpoint-url'),
    binary: types.length ? types.includes('binary') : undefined,
    source: types.length ? types.includes('source') : undefined,
    autopush: either(args, 'autopush', 'no-autopush'),
    signed: either(args, 'signed', 'unsigned'),
  }
}

/** The direction that `--fetch` or `--push` names. */
export function directionByFlags(args: Arguments): Direction | undefined {
  const fetch = either(args, 'fetch', 'push')
  return fetch === undefined ? undefined : fetch ? 'fetch' : 'push'
}

/** True or false by the flag that is given, undefined when none is. */
function either(args: Arguments, yes: string, no: string): boolean | undefined {
  refuseBoth(args, yes, no)
  return flagOn(args, yes) ? true : flagOn(args, no) ? false : undefined
}

function refuseBoth(args: Arguments, one: string, other: string): void {
  const isGiven = (name: string) => flagOn(args, name) || flagText(args, name) !== undefined
  if (!isGiven(one) || !isGiven(other)) return
  throw new SpackError('usage', `\`--${one}\` and \`--${other}\` exclude each other`, { exitCode: 2 })
}

function loginChange(args: Arguments, entry: MirrorEntry | undefined): MirrorChanges['access_pair'] {
  refuseBoth(args, 's3-access-key-id', 's3-access-key-id-variable')
  refuseBoth(args, 'oci-username', 'oci-username-variable')
  const given: LoginChanges = {
    id: flagText(args, 's3-access-key-id') ?? flagText(args, 'oci-username'),
    idVariable: flagText(args, 's3-access-key-id-variable') ?? flagText(args, 'oci-username-variable'),
    secretVariable: flagText(args, 's3-access-key-secret-variable') ?? flagText(args, 'oci-password-variable'),
  }
  const login = changedLogin(entry, directionByFlags(args) ?? 'fetch', given)
  if (login !== 'incomplete') return login
  throw new SpackError('usage', 'a login needs both of its parts, the user and the variable with the secret', {
    exitCode: 2,
    hint: '`--s3-access-key-id` and `--s3-access-key-secret-variable`, or `--oci-username` and `--oci-password-variable`',
  })
}
