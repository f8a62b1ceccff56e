// The folders in which a compiler looks for libraries by itself, read off what it prints while it links. Those with its
// own runtime libraries have to be in the RPATH of what it builds.

import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { listFolder, statOf } from './search-folders.ts'

const linkerLine = /^(?: *|.*\/)(?:link|ld|(?:[^/]+-)?ld|collect2)[^/]*(?: |$)/
const noLinkerLine = /collect2 version|^[A-Za-z0-9_]+=|\/ldfe /

/** Folders of `-L` and the like on the lines of the linker, each once. */
export function parseLinkFolders(output: string): string[] {
  const folders: string[] = []
  let isListing = false
  for (const line of output.split('\n')) {
    if (isListing && line.startsWith('\t')) {
      folders.push(line.slice(1))
      continue
    }
    isListing = line.startsWith('Library search paths:')
    if (linkerLine.test(line) && !noLinkerLine.test(line)) folders.push(...foldersOfLine(line))
  }
  return [...new Set(folders.map((folder) => resolve('/', folder)))]
}

function foldersOfLine(line: string): string[] {
  const words = line.split(/\s+/)
  return words.flatMap((word, index) => {
    if (word === '-L' || word === '-Y') return words[index + 1] === undefined ? [] : [words[index + 1]!]
    const found = /^-L(\/.*)/.exec(word) ?? /^[-/](?:LIBPATH|libpath):(.*)/.exec(word)
    return found ? [found[1]!] : []
  })
}

const systemFolders = new Set(
  ['/', '/usr', '/usr/local'].flatMap((prefix) =>
    ['', 'bin', 'bin64', 'include', 'lib', 'lib64'].map((name) => join(prefix, name).replace(/(?<=.)\/$/, '')),
  ),
)
const systemTrees = ['/lib/', '/lib64/', '/usr/lib/', '/usr/lib64/', '/usr/local/lib/', '/usr/local/lib64/']

const runtimeLibraries = ['libc', 'libc++', 'libstdc++']
const libraryEndings = ['a', 'la', 'so', 'tbd', 'dylib']

/**
 * The folders that have to be in RPATHs: outside of the system's, with libraries of the compiler (`libraries`, names
 * without ending), and not among those that the dynamic linker looks in anyway.
 */
export function implicitRpaths(
  output: string,
  libraries: readonly string[],
  linkerFolders: readonly string[],
): string[] {
  const wanted = new Set(
    [...libraries, ...runtimeLibraries].flatMap((name) => libraryEndings.map((ending) => `${name}.${ending}`)),
  )
  const isSystem = (folder: string) =>
    systemFolders.has(folder) || systemTrees.some((tree) => `${folder}/`.startsWith(tree))
  const searched = new Set(linkerFolders.flatMap(identity))
  return parseLinkFolders(output).filter(
    (folder) =>
      !isSystem(folder) &&
      statOf(folder)?.isDirectory() &&
      listFolder(folder).some(({ name }) => wanted.has(name)) &&
      !identity(folder).some((id) => searched.has(id)),
  )
}

/** Tells folders apart, whatever links lead to them. */
function identity(folder: string): string[] {
  const stat = statSync(folder, { throwIfNoEntry: false })
  return stat?.isDirectory() ? [`${stat.dev}:${stat.ino}`] : []
}
