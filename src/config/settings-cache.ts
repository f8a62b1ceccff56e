// What files of settings say, kept between runs: reading YAML and checking it costs 40 ms of start-up, this costs under 1.
// One small file for each file of settings, `USER_CACHE/spackmake/settings/NAME.json`; an entry holds for as long as the
// file's inode, size and times of change are what they were. Losing entries costs time only.

import { type BigIntStats, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { systemErrorCode } from '../ui/error.ts'
import { version } from '../version.ts'
import { writeWhole } from '../whole-file.ts'
import type { ConfigEntry, ConfigMap, ConfigNode, ConfigScalar, KeyStrategy } from './node.ts'

/** What is known of a file of settings. */
export interface SettingsContent {
  content: ConfigMap
  /** Some value has a variable that takes a look at the machine. */
  mentionsHost: boolean
}

interface StoredEntry {
  /** Other programs write other trees. */
  program: string
  path: string
  shape: string
  stamp: string
  mentionsHost: boolean
  tree: StoredNode
}

/** A tree in few characters: `[line, value, …]` for scalars, lines and members for collections, `{r}` for an alias. */
type StoredNode =
  | [line: number, value: ConfigScalar['value'], extra?: Pick<ConfigScalar, 'spelling' | 'isDate' | 'hadColon'>]
  | { l: number; i: StoredNode[]; f?: 1 }
  | { l: number; e: [key: string, line: number, strategy: KeyStrategy | 0, value: StoredNode][]; f?: 1 }
  | { r: number }

/** A file changed less than this ago may change again without its times showing it. */
const settledMs = 2000
const entryLimit = 500

/** What identifies the state of a file. */
export const stampOf = (stat: BigIntStats): string =>
  [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')

/** Whether a file changed long enough ago for its stamp to show the next change. */
export function isSettled(stat: BigIntStats): boolean {
  const [modifiedMs, changedMs] = [stat.mtimeNs, stat.ctimeNs].map((time) => Number(time / 1_000_000n))
  return Date.now() - Math.max(modifiedMs!, changedMs!) > settledMs
}

/** What a file said when it was read last, if it is the same still. */
export function recallSettings(
  cacheDir: string,
  path: string,
  shape: string,
  stamp: string,
): SettingsContent | undefined {
  const entry = readEntry(entryFile(cacheDir, path, shape))
  if (!entry || entry.path !== path || entry.shape !== shape || entry.stamp !== stamp || entry.program !== version) {
    return undefined
  }
  const content = decode(entry.tree, path, [])
  return content.kind === 'map' ? { content, mentionsHost: entry.mentionsHost } : undefined
}

/** Keeps what a file says. Nothing is kept of a file that changed just now, or where nothing can be written. */
export function rememberSettings(
  cacheDir: string,
  path: string,
  shape: string,
  stat: BigIntStats,
  known: SettingsContent,
): void {
  if (!isSettled(stat) || hasOddNumber(known.content)) return
  const { mentionsHost, content } = known
  const tree = encode(content, new Map())
  const entry: StoredEntry = { program: version, path, shape, stamp: stampOf(stat), mentionsHost, tree }
  const file = entryFile(cacheDir, path, shape)
  try {
    makeFolders(dirname(file), 0o700)
    writeWhole(file, JSON.stringify(entry), { mode: 0o600 })
    forgetOldest(dirname(file))
  } catch (error) {
    if (!unwritable.has(systemErrorCode(error) ?? '')) throw error
  }
}

/** A home that cannot be written to costs time, not the command. */
const unwritable: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'ENOENT',
  'EEXIST',
])

function entryFile(cacheDir: string, path: string, shape: string): string {
  return join(cacheDir, 'spackmake/settings', `${nameHash(`${shape}\0${path}`)}.json`)
}

/** FNV-1a, 64 bits: node:crypto would cost 2 ms. Two paths of one name only push each other out. */
function nameHash(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16).padStart(16, '0')
}

function readEntry(file: string): StoredEntry | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StoredEntry
  } catch (error) {
    // Absent, unreadable or cut off: as if it were not there.
    if (error instanceof SyntaxError || systemErrorCode(error)) return undefined
    throw error
  }
}

function forgetOldest(folder: string): void {
  const names = readdirSync(folder)
  if (names.length <= entryLimit) return
  const aged = names.map((name) => ({
    name,
    time: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }))
  aged.sort((a, b) => a.time - b.time)
  for (const { name } of aged.slice(0, entryLimit / 2)) rmSync(join(folder, name), { force: true })
}

/** JSON knows no infinity. */
function hasOddNumber(node: ConfigNode): boolean {
  if (node.kind === 'scalar') return typeof node.value === 'number' && !Number.isFinite(node.value)
  const members = node.kind === 'list' ? node.items : [...node.entries.values()].map(({ value }) => value)
  return members.some(hasOddNumber)
}

function encode(node: ConfigNode, seen: Map<ConfigNode, number>): StoredNode {
  if (node.kind === 'scalar') {
    const { value, mark, spelling, isDate, hadColon } = node
    const isPlain = spelling === undefined && !isDate && !hadColon
    return isPlain ? [mark.line, value] : [mark.line, value, { spelling, isDate, hadColon }]
  }
  const known = seen.get(node)
  if (known !== undefined) return { r: known }
  seen.set(node, seen.size)
  const flow = node.isFlow ? ({ f: 1 } as const) : {}
  if (node.kind === 'list') return { l: node.mark.line, i: node.items.map((item) => encode(item, seen)), ...flow }
  const e = [...node.entries.values()].map(
    ({ key, mark, strategy, value }): [string, number, KeyStrategy | 0, StoredNode] => [
      key,
      mark.line,
      strategy === 'merge' ? 0 : strategy,
      encode(value, seen),
    ],
  )
  return { l: node.mark.line, e, ...flow }
}

function decode(stored: StoredNode, file: string, seen: ConfigNode[]): ConfigNode {
  if (Array.isArray(stored)) {
    const [line, value, extra] = stored
    return { kind: 'scalar', value, mark: { file, line }, ...extra }
  }
  if ('r' in stored) return seen[stored.r]!
  const mark = { file, line: stored.l }
  const flow = stored.f ? ({ isFlow: true } as const) : {}
  if ('i' in stored) {
    const list: ConfigNode = { kind: 'list', items: [], mark, ...flow }
    seen.push(list)
    list.items = stored.i.map((item) => decode(item, file, seen))
    return list
  }
  const map: ConfigMap = { kind: 'map', entries: new Map(), mark, ...flow }
  seen.push(map)
  for (const [key, line, strategy, value] of stored.e) {
    const entry: ConfigEntry = {
      key,
      strategy: strategy || 'merge',
      mark: { file, line },
      value: decode(value, file, seen),
    }
    map.entries.set(key, entry)
  }
  return map
}
