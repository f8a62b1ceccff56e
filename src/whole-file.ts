// Files that are there whole or not at all, and those of caches: what is in them can be found out again.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolders } from './folders.ts'
import { systemErrorCode } from './ui/error.ts'

/** Puts a file in its place in one step; killed before that, what was there stays. Its folder must be there. */
export function writeWhole(
  file: string,
  content: string | Uint8Array,
  options: { mode?: number; flush?: boolean } = {},
): void {
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, content, options)
  renameSync(fresh, file)
}

/** What a cache has in a JSON file; undefined when that cannot be had. Whether it makes sense is for the caller to see. */
export function readCached(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    // It was written whole: one that is not was damaged from outside, and is made anew.
    if (error instanceof SyntaxError || systemErrorCode(error)) return undefined
    throw error
  }
}

/** Keeps a value as JSON. Where that cannot be done it is found out each time: that costs time and nothing else. */
export const writeCached = (file: string, value: unknown): void => writeCachedText(file, JSON.stringify(value))

/** As `writeCached`, for a text. */
export function writeCachedText(file: string, text: string): void {
  try {
    makeFolders(dirname(file))
    writeWhole(file, text)
  } catch (error) {
    if (!systemErrorCode(error)) throw error
  }
}
