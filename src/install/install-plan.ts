// What the installer of one spec must know, worked out once for a whole environment by the full program and kept in a file,
// so that a process for one spec reads its own few lines only. It is a cache: when an input has changed it is made anew.
//
// Format, all of it text:
//   line 1      `spackmake-install-plan VERSION HEADER-BYTES TABLE-OFFSET`, filled with blanks to 80 bytes
//   header      JSON: what holds for all specs
//   records     one JSON object a spec
//   table       a line a spec: `HASH OFFSET BYTES PREFIX`; PREFIX is empty for externals

import { closeSync, openSync, readSync } from 'node:fs'
import type { BinaryRequest } from '../buildcache/binary.ts'
import type { Mirror } from '../buildcache/mirror.ts'
import type { NetworkSettings } from '../buildcache/transport.ts'
import type { Keyring } from '../buildcache/trusted-key.ts'
import type { ViewDescriptor } from '../environment/view-descriptor.ts'
import type { DagHash } from '../spec/spec.ts'
import type { StoreDescription } from '../store/store.ts'
import { systemErrorCode } from '../ui/error.ts'
import type { BuiltAs } from './built-as.ts'
import type { Permissions } from './permissions.ts'
import type { PlanInputs } from './plan-inputs.ts'

export interface PlanSettings {
  inputs: PlanInputs
  environmentDir: string
  /** Global flags of the command line that the settings come from. */
  flags: readonly string[]
  store: StoreDescription
  /** Those with binaries, in order. */
  mirrors: readonly Mirror[]
  network: NetworkSettings
  keyring: Keyring
  /** Views of the environment, variables in them replaced. */
  views: readonly ViewDescriptor[]
}

export interface PlannedSpec {
  hash: DagHash
  name: string
  version: string
  /** Absolute; of an external the path that it was declared with, or null. */
  prefix: string | null
  kind: 'package' | 'external' | 'upstream'
  /** A root of the environment. */
  isExplicit: boolean
  /** Which binary to look for: of a spliced spec, that of its build spec. Undefined for what is no package of this store. */
  request?: BinaryRequest
  /** Of spliced specs only. */
  builtAs?: BuiltAs
  permissions: Permissions
  /** Link and run dependencies that must be there first. */
  needs: readonly DagHash[]
  /** Of externals: their node and those of what they depend on, for the database; JSON that keeps the spelling of numbers. */
  nodesText?: string
}

export interface InstallPlan {
  settings: PlanSettings
  specs: readonly PlannedSpec[]
}

/** A plan in a file, of which only what is asked for is read. */
export interface StoredPlan {
  settings: PlanSettings
  spec: (hash: string) => PlannedSpec | undefined
  /** All specs, in the order of the lockfile. */
  specs: () => PlannedSpec[]
  /** All hashes that begin so. */
  hashes: (start: string) => DagHash[]
  /** Where a spec is or will be; undefined for externals and for specs that are not in the environment. */
  prefixOf: (hash: string) => string | undefined
  /** The prefixes of all packages of the environment. */
  prefixes: () => string[]
  close: () => void
}

const formatVersion = 1
const magic = 'spackmake-install-plan'
const firstLineBytes = 80
/** A header has up to some keys of a kilobyte each; most are read with this. */
const firstReadBytes = 16 << 10

/** The bytes of a plan's file. */
export function printPlan(plan: InstallPlan): Buffer {
  const header = Buffer.from(`${JSON.stringify(plan.settings)}\n`)
  const records: Buffer[] = []
  const lines: string[] = []
  let offset = firstLineBytes + header.length
  for (const spec of plan.specs) {
    const record = Buffer.from(`${JSON.stringify(spec)}\n`)
    records.push(record)
    lines.push(`${spec.hash} ${offset} ${record.length} ${spec.kind === 'external' ? '' : spec.prefix}\n`)
    offset += record.length
  }
  const first = `${magic} ${formatVersion} ${header.length} ${offset}`.padEnd(firstLineBytes - 1)
  return Buffer.concat([Buffer.from(`${first}\n`), header, ...records, Buffer.from(`\n${lines.join('')}`)])
}

/** Opens a plan; undefined when there is none that can be used. */
export function openPlan(file: string): StoredPlan | undefined {
  const descriptor = openExisting(file)
  if (descriptor === undefined) return undefined
  try {
    const plan = readPlan(descriptor)
    if (!plan) closeSync(descriptor)
    return plan
  } catch (error) {
    closeSync(descriptor)
    // A file that is cut off or of another make is as good as none.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function openExisting(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) return undefined
    throw error
  }
}

function readPlan(descriptor: number): StoredPlan | undefined {
  const start = readAt(descriptor, 0, firstReadBytes)
  const [name, version, headerBytes, tableOffset] = start.toString('latin1', 0, firstLineBytes).split(' ')
  if (name !== magic || Number(version) !== formatVersion) return undefined
  const headerEnd = firstLineBytes + Number(headerBytes)
  const header = headerEnd <= start.length ? start : readAt(descriptor, 0, headerEnd)
  const settings: PlanSettings = JSON.parse(header.toString('utf8', firstLineBytes, headerEnd))
  let table: string | undefined
  const wholeTable = (): string => {
    table ??= readToEnd(descriptor, Number(tableOffset)).toString()
    return table
  }
  /** Offset, bytes and prefix of a spec. */
  const row = (hash: string): string[] | undefined => {
    const text = wholeTable()
    const at = text.indexOf(`\n${hash} `)
    if (at < 0) return undefined
    const fields = text.slice(at + 1, text.indexOf('\n', at + 1)).split(' ')
    return [fields[1]!, fields[2]!, fields.slice(3).join(' ')]
  }
  return {
    settings,
    spec: (hash) => {
      const found = row(hash)
      return found && JSON.parse(readAt(descriptor, Number(found[0]), Number(found[1])).toString())
    },
    specs: () => {
      const records = readAt(descriptor, headerEnd, Number(tableOffset) - headerEnd).toString()
      return records.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []))
    },
    hashes: (start) => {
      const lines = wholeTable().matchAll(new RegExp(`\\n(${start}[a-z2-7]*) `, 'g'))
      return Array.from(lines, (line) => line[1] as DagHash)
    },
    prefixOf: (hash) => row(hash)?.[2] || undefined,
    prefixes: () => {
      const lines = wholeTable()
        .split('\n')
        .filter((line) => line !== '')
      return lines.map((line) => line.split(' ').slice(3).join(' ')).filter((prefix) => prefix !== '')
    },
    close: () => closeSync(descriptor),
  }
}

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const data = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(descriptor, data, filled, length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return data.subarray(0, filled)
}

function readToEnd(descriptor: number, offset: number): Buffer {
  const pieces: Buffer[] = []
  for (let at = offset; ; ) {
    const piece = readAt(descriptor, at, 64 << 10)
    pieces.push(piece)
    at += piece.length
    if (piece.length < 64 << 10) return Buffer.concat(pieces)
  }
}
