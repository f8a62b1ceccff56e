// An index that recipes are being loaded into. What there is so far is saved now and then, for whoever comes after a
// process that was killed. Processes that load at the same time do not wait for each other: only one saves on the way,
// as a table that another has written since is left alone, and the table of the last to end stays.

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tableStamp } from './index-stamps.ts'
import {
  type IndexedPackage,
  type IndexTable,
  openSegments,
  type Place,
  writeSegment,
  writeTable,
} from './index-table.ts'

export type AddLines = (facts: string, texts: string) => Place

/** What a table leads to. */
export interface Drafted {
  segments: readonly string[]
  /** Sorted by name. */
  packages: readonly IndexedPackage[]
}

export interface IndexDraft {
  /** Keeps the lines of a recipe; they are written when the draft is saved. */
  addLines: AddLines
  add: (entry: IndexedPackage) => void
  /** Writes what there is so far, unless another process has written a table since. */
  save: (tableOf: (drafted: Drafted) => IndexTable) => void
  finish: (tableOf: (drafted: Drafted) => IndexTable) => IndexTable
  close: () => void
}

const limits = { manySegments: 8, strayMs: 24 * 3600 * 1000 }

/** A draft that starts with packages of the old table. `close` must be called. */
export function indexDraft(folder: string, old: IndexTable | null, kept: readonly IndexedPackage[]): IndexDraft {
  const reader = openSegments(folder, old?.segments ?? [])
  const obsolete = [...(old?.segments ?? [])]
  let segments = [...obsolete]
  let packages = [...kept]
  let lines: Buffer[] = []
  let offset = 0
  const stamp = () => tableStamp(folder).join(' ')
  let seen = stamp()

  const addLines: AddLines = (facts, texts) => {
    const pair = [facts, texts].map((text) => Buffer.from(`${text}\n`)) as [Buffer, Buffer]
    const [length, textLength] = pair.map((line) => line.length - 1) as [number, number]
    const place = { segment: segments.length, offset, length, textLength }
    lines.push(...pair)
    offset += length + textLength + 2
    return place
  }
  const writeLines = () => {
    if (lines.length === 0) return
    const segment = writeSegment(folder, Buffer.concat(lines))
    reader.open(segment)
    segments.push(segment)
    obsolete.push(segment)
    lines = []
    offset = 0
  }
  /** Puts all lines in one segment; those of segments that another process has removed can still be read. */
  const merge = () => {
    const [from, moved] = [packages, [] as IndexedPackage[]]
    segments = []
    for (const entry of from) {
      const { place } = entry
      moved.push(place ? { ...entry, place: addLines(reader.facts(place), reader.texts(place)) } : entry)
    }
    packages = moved
    writeLines()
  }
  const drafted = (): Drafted => ({
    segments,
    packages: packages.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  })
  return {
    addLines,
    add: (entry) => {
      packages.push(entry)
    },
    save: (tableOf) => {
      writeLines()
      if (stamp() !== seen) return
      writeTable(folder, tableOf(drafted()), [])
      seen = stamp()
    },
    finish: (tableOf) => {
      writeLines()
      if (segments.length > limits.manySegments || segments.some((name) => !existsSync(join(folder, name)))) merge()
      const table = tableOf(drafted())
      writeTable(folder, table, obsolete)
      removeStrays(folder, table)
      return table
    },
    close: reader.close,
  }
}

/** Removes what killed processes left, when it is so old that none can still be at work. */
function removeStrays(folder: string, { segments }: IndexTable): void {
  const known = new Set(['table.json', 'packages.json', 'stamps.json', ...segments])
  for (const name of readdirSync(folder)) {
    if (known.has(name)) continue
    const stat = statSync(join(folder, name), { throwIfNoEntry: false })
    if (stat && stat.mtimeMs < Date.now() - limits.strayMs) rmSync(join(folder, name), { force: true })
  }
}
