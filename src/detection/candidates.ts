// Files whose names match what a recipe says an installation has, in groups of one folder each.

import { closeSync, constants, openSync, readSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { systemErrorCode } from '../ui/error.ts'
import { listFolder, statOf } from './search-folders.ts'

/** The files of one folder that may belong to a package. */
export interface CandidateGroup {
  folder: string
  /** The root of the installation that the folder is a part of. */
  prefix: string
  files: readonly string[]
}

/** The names of all files in some folders; those of a folder further in front win where a path is there twice. */
export interface FolderFiles {
  folder: string
  names: readonly string[]
}

/** What is in folders; one that cannot be read holds nothing. Links are looked at when their name matches. */
export function listFiles(folders: readonly string[]): FolderFiles[] {
  return folders.map((folder) => ({
    folder,
    names: listFolder(folder).flatMap((entry) => (entry.isFile() || entry.isSymbolicLink() ? [entry.name] : [])),
  }))
}

/** A test of file names for patterns of Python, or those of them that cannot be understood. */
export function compilePatterns(patterns: readonly string[]): RegExp | { unknown: string[] } {
  const unknown = patterns.filter((pattern) => !compilePattern(pattern))
  if (unknown.length > 0) return { unknown }
  // Flags stand for all: patterns that have some are compiled each for itself by the caller's recipe, which none does.
  return compilePattern(patterns.map((pattern) => `(?:${pattern})`).join('|'))!
}

function compilePattern(pattern: string): RegExp | undefined {
  const source = pattern.replaceAll('(?P<', '(?<').replaceAll('\\Z', '$').replaceAll('\\A', '^')
  try {
    return new RegExp(source)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The programs that match, by folder in the order of their paths. */
export function matchingPrograms(files: readonly FolderFiles[], pattern: RegExp): CandidateGroup[] {
  return groupPrograms(matching(files, pattern).filter((path) => statOf(path)?.isFile()))
}

/** Programs by folder, in the order of their paths. */
export const groupPrograms = (paths: readonly string[]): CandidateGroup[] => inGroups([...paths].sort(), programPrefix)

/** The libraries that match and that programs of this machine can load. */
export function matchingLibraries(files: readonly FolderFiles[], pattern: RegExp): CandidateGroup[] {
  const found = matching(files.toReversed(), pattern).filter((path) => statOf(path)?.isFile() && canLoad(path))
  return inGroups(found, libraryPrefix)
}

const matching = (files: readonly FolderFiles[], pattern: RegExp): string[] =>
  files.flatMap(({ folder, names }) => names.filter((name) => pattern.test(name)).map((name) => join(folder, name)))

function inGroups(paths: readonly string[], prefixOf: (folder: string) => string): CandidateGroup[] {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const group = groups.get(dirname(path))
    if (group) group.push(path)
    else groups.set(dirname(path), [path])
  }
  return [...groups].map(([folder, files]) => ({ folder, prefix: prefixOf(folder), files }))
}

/** What is in front of the first `bin` of a path; the folder itself when there is none. */
function programPrefix(folder: string): string {
  const parts = folder.split(sep)
  const at = parts.findIndex((part) => part.toLowerCase() === 'bin')
  return at < 0 ? folder : parts.slice(0, at).join(sep) || sep
}

/** What is in front of the first `lib64`, or else the first `lib`, of a path. */
function libraryPrefix(folder: string): string {
  const parts = folder.split(sep)
  const lowered = parts.map((part) => part.toLowerCase())
  const at = [lowered.indexOf('lib64'), lowered.indexOf('lib')].find((index) => index >= 0)
  return at === undefined ? folder : parts.slice(0, at).join(sep) || sep
}

/** Whether a shared library is for this machine. Other files only have to be readable. */
function canLoad(path: string): boolean {
  const header = elfHeader(path)
  if (header === undefined) return false
  if (!basename(path).includes('.so') || header === '') return true
  ownHeader ??= elfHeader(process.execPath) ?? ''
  return header === ownHeader
}

let ownHeader: string | undefined

/** Class, byte order and machine of an ELF file; empty for other files, undefined for what cannot be read. */
function elfHeader(path: string): string | undefined {
  const bytes = Buffer.alloc(20)
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      readSync(file, bytes, 0, bytes.length, 0)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (systemErrorCode(error)) return undefined
    throw error
  }
  if (bytes.toString('latin1', 0, 4) !== '\u007fELF') return ''
  const isLittle = bytes[5] === 1
  return `${bytes[4]}:${bytes[5]}:${isLittle ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18)}`
}
