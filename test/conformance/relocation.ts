// relocation: trees before and after a change of prefix (`*/before.tar`, `*/case.json`).

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileKind, linkMentionsPrefix, mentionsPrefix } from '../../src/buildcache/relocation-listing.ts'
import type { Refusal } from '../../src/install/relocation/binary.ts'
import { relocateLinkTarget } from '../../src/install/relocation/links.ts'
import { type PrefixMap, prefixMap } from '../../src/install/relocation/prefix-map.ts'
import { relocateBinaryFile, relocateTextFile } from '../../src/install/relocation/relocate-file.ts'
import { elfFacts } from '../support/elf-facts.ts'
import { scratch } from '../support/scratch.ts'
import type { Tally } from './tally.ts'

interface FileFacts {
  link?: string
  mode?: string
  sha256?: string
  text?: string
  latin1?: string
  hard_links?: string[]
  [elfFact: string]: unknown
}

interface Case {
  prefix_to_prefix?: [string, string][]
  binaries?: string[]
  textfiles?: string[]
  links?: string[]
  after?: Record<string, FileFacts>
  touched?: Record<string, { changed: boolean; mtime_kept: boolean; inode_kept: boolean }>
  error?: { class: string }
  uses_patchelf?: string
  prefixes?: string[]
  listed?: { relocate_binaries: string[]; relocate_links: string[]; relocate_textfiles: string[] }
}

export function run(folder: string, tally: Tally): void {
  for (const name of readdirSync(join(folder, 'relocation')).sort()) {
    if (!/^\d/.test(name)) continue
    const description = JSON.parse(readFileSync(join(folder, 'relocation', name, 'case.json'), 'utf8')) as Case
    const tree = scratch()
    execFileSync('tar', ['-xpf', join(folder, 'relocation', name, 'before.tar'), '-C', tree])
    if (description.listed) checkListing(name, description, tree, tally)
    else checkRelocation(name, description, tree, tally)
  }
}

function checkRelocation(name: string, description: Case, tree: string, tally: Tally): void {
  const map = prefixMap(description.prefix_to_prefix ?? [])
  const touched = Object.keys(description.touched ?? {})
  const before = new Map(touched.map((path) => [path, lstatSync(join(tree, path))]))
  const refusals = relocateTree(tree, description, map)
  if (description.error) {
    tally.check(`${name} error`, description.error.class, () => refusals.map(refusalClass).find((found) => found))
    return
  }
  for (const [path, facts] of Object.entries(description.after ?? {})) {
    const compared = description.uses_patchelf && isGrown(name, path, description) ? withoutDigest(facts) : facts
    tally.check(`${name} ${path}`, compared, () => readFacts(tree, path, compared))
  }
  for (const [path, expected] of Object.entries(description.touched ?? {})) {
    tally.check(`${name} touched ${path}`, expected, () => {
      const [old, now] = [before.get(path)!, lstatSync(join(tree, path))]
      const kept = old.mtimeMs === now.mtimeMs
      return { changed: !kept, mtime_kept: kept, inode_kept: old.ino === now.ino }
    })
  }
}

function relocateLink(path: string, map: PrefixMap): void {
  const target = relocateLinkTarget(readlinkSync(path), map)
  if (target === undefined) return
  unlinkSync(path)
  symlinkSync(target, path)
}

function relocateTree(tree: string, description: Case, map: PrefixMap): Refusal[] {
  for (const path of description.links ?? []) relocateLink(join(tree, path), map)
  for (const path of description.textfiles ?? []) relocateTextFile(join(tree, path), map)
  return (description.binaries ?? []).flatMap((path) => relocateBinaryFile(join(tree, path), map).refusals)
}

const refusalClass = (refusal: Refusal): string | undefined =>
  ({ 'cannot-grow': 'CannotGrowString', 'cannot-shrink': 'CannotShrinkCString', elf: undefined, 'mach-o': undefined })[
    refusal.kind
  ]

/** Whether bytes may differ from those of `patchelf`: files that changed in a case where it was at work. */
const isGrown = (_name: string, path: string, description: Case): boolean =>
  description.touched?.[path]?.changed === true

const withoutDigest = ({ sha256: _, ...facts }: FileFacts): FileFacts => facts

/** The facts about a file that `wanted` has. */
function readFacts(tree: string, path: string, wanted: FileFacts): FileFacts {
  const file = join(tree, path)
  const stat = lstatSync(file)
  if (stat.isSymbolicLink()) return { link: readlinkSync(file) }
  const data = readFileSync(file)
  const facts: FileFacts = { mode: (stat.mode & 0o7777).toString(8) }
  if ('sha256' in wanted) facts.sha256 = createHash('sha256').update(data).digest('hex')
  if (fileKind(data) === 'binary') Object.assign(facts, elfFacts(data))
  else if ('latin1' in wanted) facts.latin1 = data.toString('latin1')
  else facts.text = data.toString('utf8')
  if (stat.nlink > 1) {
    facts.hard_links = namesOf(tree, stat.ino)
  }
  return facts
}

function namesOf(tree: string, inode: number): string[] {
  const all = readdirSync(tree, { recursive: true, encoding: 'utf8' })
  return all.filter((name) => lstatSync(join(tree, name)).ino === inode).sort()
}

function checkListing(name: string, description: Case, tree: string, tally: Tally): void {
  const paths = readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort()
  const stats = paths.map((path) => ({ path, stat: lstatSync(join(tree, path)) }))
  const prefixes = description.prefixes ?? []
  const firstNames = new Set<number>()
  const files = stats.filter(({ path, stat }) => {
    if (!stat.isFile() || path.startsWith('.spack/') || firstNames.has(stat.ino)) return false
    firstNames.add(stat.ino)
    return true
  })
  const contents = files.map(({ path }) => ({ path, content: readFileSync(join(tree, path)) }))
  const listed = (kind: 'binary' | 'text') =>
    contents
      .filter(({ content }) => fileKind(content) === kind && (kind === 'binary' || mentionsPrefix(content, prefixes)))
      .map(({ path }) => path)
  tally.check(`${name} binaries`, description.listed!.relocate_binaries, () => listed('binary'))
  tally.check(`${name} text files`, description.listed!.relocate_textfiles, () => listed('text'))
  tally.check(`${name} links`, description.listed!.relocate_links, () =>
    stats
      .filter(({ path, stat }) => stat.isSymbolicLink() && linkMentionsPrefix(readlinkSync(join(tree, path)), prefixes))
      .map(({ path }) => path),
  )
}
