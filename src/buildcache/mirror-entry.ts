// Changing an entry of `mirrors.yaml`: it stays as short as it can be, a URL while nothing else is known of the mirror.

import {
  type ConnectionRecord,
  connectionValue,
  type Direction,
  type MirrorEntry,
  type MirrorRecord,
} from './mirror.ts'

/** What is to be said of a mirror. Only `url` and the login can differ for fetching and pushing. */
export interface MirrorChanges
  extends Pick<ConnectionRecord, 'url' | 'view' | 'access_pair' | 'access_token_variable' | 'profile' | 'endpoint_url'>,
    Pick<MirrorRecord, 'binary' | 'source' | 'signed' | 'autopush'> {}

/** The entry of a new mirror. */
export function newEntry(changes: MirrorChanges & { url: string }): MirrorEntry {
  const record = withoutUndefined(changes)
  return Object.keys(record).length === 1 ? changes.url : record
}

/** The entry after `changes`, or undefined when they change nothing. Without a direction they concern the whole entry. */
export function changedEntry(
  entry: MirrorEntry,
  changes: MirrorChanges,
  direction?: Direction,
): MirrorEntry | undefined {
  const wanted = withoutUndefined(changes)
  const isOnlyUrl = Object.keys(wanted).length === 1 && wanted.url !== undefined
  const fresh = direction
    ? { ...asRecord(entry), [direction]: merged(directionOf(entry, direction), connectionOf(wanted), isOnlyUrl) }
    : merged(entry, wanted, isOnlyUrl)
  return JSON.stringify(fresh) === JSON.stringify(entry) || Object.keys(wanted).length === 0 ? undefined : fresh
}

function merged<Entry extends string | ConnectionRecord>(
  old: Entry | undefined,
  wanted: MirrorChanges,
  isOnlyUrl: boolean,
): string | ConnectionRecord {
  if (isOnlyUrl && typeof old !== 'object') return wanted.url!
  return { ...asRecord(old), ...wanted }
}

const asRecord = (entry: string | ConnectionRecord | undefined): ConnectionRecord =>
  typeof entry === 'string' ? { url: entry } : { ...entry }

const directionOf = (entry: MirrorEntry, direction: Direction): string | ConnectionRecord | undefined =>
  typeof entry === 'string' ? undefined : entry[direction]

/** What a `fetch` or `push` entry may hold. */
function connectionOf({ url, view, access_pair, access_token_variable, profile, endpoint_url }: MirrorChanges) {
  return withoutUndefined({ url, view, access_pair, access_token_variable, profile, endpoint_url })
}

const withoutUndefined = <Value extends object>(record: Value): Value =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Value

/** Parts of a login as they are given on the command line. */
export interface LoginChanges {
  id?: string
  idVariable?: string
  secretVariable?: string
}

/**
 * The login of a mirror after a change, or undefined when nothing of it is given. `incomplete` when one half is missing,
 * here and in what the mirror has.
 */
export function changedLogin(
  entry: MirrorEntry | undefined,
  direction: Direction,
  given: LoginChanges,
): ConnectionRecord['access_pair'] | 'incomplete' {
  if (!given.id && !given.idVariable && !given.secretVariable) return undefined
  const old =
    entry === undefined ? undefined : connectionValue(asRecord(entry) as MirrorRecord, direction, 'access_pair')
  const id = given.idVariable ? undefined : (given.id ?? old?.id)
  const idVariable = given.id ? undefined : (given.idVariable ?? old?.id_variable)
  const secret = given.secretVariable ?? old?.secret_variable
  if (!(id || idVariable) || !secret) return 'incomplete'
  return { ...(id ? { id } : { id_variable: idVariable }), secret_variable: secret }
}
