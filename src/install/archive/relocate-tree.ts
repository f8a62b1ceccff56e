// The files that an archive lists for relocation, in memory or already in the staging folder.

import { damaged } from '../../archive/tar-reader.ts'
import { SpackError } from '../../ui/error.ts'
import type { Buildinfo } from '../buildinfo.ts'
import { relocateBinary } from '../relocation/binary.ts'
import { applyPatches, memorySource } from '../relocation/byte-source.ts'
import { relocateLinkTarget } from '../relocation/links.ts'
import type { PrefixMap } from '../relocation/prefix-map.ts'
import type { FileRefusal } from '../relocation/refusal.ts'
import { relocateBinaryFile, relocateTextFile, throughSbangFile } from '../relocation/relocate-file.ts'
import { isTooLong, throughSbang } from '../relocation/sbang.ts'
import { relocateText } from '../relocation/text.ts'
import type { FileEntry, Tree } from './tree.ts'

/** Relocates a tree, except where it is refused. With any refusal the tree is to be thrown away. */
export function relocateTree(tree: Tree, folder: string, buildinfo: Buildinfo, map: PrefixMap): FileRefusal[] {
  if (map.pairs.length === 0) return []
  for (const path of buildinfo.links) relocateLinkEntry(tree, path, map)
  for (const file of listedFiles(tree, buildinfo.textFiles)) relocateTextEntry(file, folder, map)
  return [...listedFiles(tree, buildinfo.binaries)].flatMap((file) => relocateBinaryEntry(file, folder, map))
}

/**
 * Gives scripts whose first line became too long a line that calls `sbang`. Throws SpackError `sbang-too-long` when that would
 * be too long as well.
 */
export function useSbang(tree: Tree, folder: string, sbang: string): void {
  for (const entry of tree.values()) {
    if (entry.kind !== 'file' || (entry.mode & 0o111) === 0) continue
    const script = entry.content && throughSbang(entry.content, sbang)
    if (script) replaceContent(entry, script)
    else if (entry.content || !throughSbangFile(`${folder}/${entry.path}`, sbang)) continue
    entry.isChanged = true
    if (isTooLong(sbang)) throw tooLong(entry.path, sbang)
  }
}

const tooLong = (path: string, sbang: string): SpackError =>
  new SpackError(
    'sbang-too-long',
    `\`${path}\` must be run through \`${sbang}\`, whose path is too long for a first line`,
    {
      hint: 'use a shorter store root (`config:install_tree:root`)',
    },
  )

/** The listed files, each once, although old archives list every name of a file. */
function listedFiles(tree: Tree, paths: readonly string[]): Set<FileEntry> {
  const files = new Set<FileEntry>()
  for (const path of paths) {
    const entry = tree.get(path)
    const file = entry?.kind === 'hardlink' ? entry.of : entry
    if (file?.kind !== 'file') throw damaged(`it lists \`${path}\` for relocation, which is no file in it`)
    files.add(file)
  }
  return files
}

function relocateLinkEntry(tree: Tree, path: string, map: PrefixMap): void {
  const entry = tree.get(path)
  const link = entry?.kind === 'hardlink' ? entry.of : entry
  if (link?.kind !== 'symlink') throw damaged(`it lists the link \`${path}\` for relocation, which is no link in it`)
  link.target = relocateLinkTarget(link.target, map) ?? link.target
}

function relocateTextEntry(file: FileEntry, folder: string, map: PrefixMap): void {
  if (file.content) replaceContent(file, relocateText(file.content, map))
  else if (relocateTextFile(`${folder}/${file.path}`, map, file.trace)) file.isChanged = true
}

function relocateBinaryEntry(file: FileEntry, folder: string, map: PrefixMap): FileRefusal[] {
  const { path, content } = file
  if (!content) {
    const relocation = relocateBinaryFile(`${folder}/${path}`, map, file.trace)
    if (relocation.isChanged) file.isChanged = true
    return relocation.refusals.map((refusal) => ({ path, refusal }))
  }
  const relocation = relocateBinary(memorySource(content), map)
  if (relocation.kind === 'refused') return relocation.refusals.map((refusal) => ({ path, refusal }))
  if (relocation.patches.length > 0) replaceContent(file, applyPatches(content, relocation.patches))
  return []
}

function replaceContent(file: FileEntry, content: Buffer | undefined): void {
  if (!content) return
  file.content = content
  file.isChanged = true
}
