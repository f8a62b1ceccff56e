// What packages of a recipe index may link to or run, in short: names and what is required in any case. With several
// compilers it is asked for hundreds of packages at each request, and their facts would take ten times as long to read.
//
// It lies beside the table as `links.json`, and counts for nothing with any other table than that it was made from.

import { join } from 'node:path'
import type { Deptype } from '../spec/spec.ts'
import { writeCached } from '../whole-file.ts'
import type { FileStamp } from './file-stamps.ts'
import { readOfTable, tableStamp } from './index-stamps.ts'
import type { IndexTable, PackageLinks } from './index-table.ts'
import { dependencyNames } from './possible-dependencies.ts'
import type { PackageNeeds } from './recipe.ts'

interface Links {
  table: FileStamp
  /** Of all packages of the table in turn, a line each: names with blanks between. */
  names: string
  requires: readonly (readonly [name: string, requires: PackageNeeds['requires']])[]
}

/** What the table keeps of a recipe; nothing of one that needs nothing. */
export function linksOf(needs: PackageNeeds): PackageLinks {
  const names = [...dependencyNames(needs, linkRun)]
  const requires = needs.requires.flatMap(({ specs, when }) => (when === '' ? [{ specs, when }] : []))
  return { ...(names.length ? { links: names.join(' ') } : {}), ...(requires.length ? { requires } : {}) }
}

/** The same as dependencies, of which only the names are known. */
export const linkNeedsOf = ({ links = '', requires = [] }: PackageLinks): PackageNeeds => ({
  dependencies: links.split(' ').flatMap((spec) => (spec ? [{ spec, types: linkRun }] : [])),
  requires,
})

const linkRun: readonly Deptype[] = ['link', 'run']

const linksFile = (folder: string): string => join(folder, 'links.json')

export function writeLinks(folder: string, { packages }: IndexTable): void {
  const links: Links = {
    table: tableStamp(folder),
    names: packages.map((entry) => entry.links ?? '').join('\n'),
    requires: packages.flatMap(({ name, requires }) => (requires ? [[name, requires] as const] : [])),
  }
  writeCached(linksFile(folder), links)
}

/** Of the `index`-th package, called `name`, of the table of that stamp; undefined where nothing was kept of that one. */
export function readLinks(
  folder: string,
  table: FileStamp,
): ((index: number, name: string) => PackageLinks) | undefined {
  const kept = readOfTable<Links>(linksFile(folder), table)
  if (!kept) return undefined
  const lines = kept.names.split('\n')
  const requires = new Map(kept.requires)
  return (index, name) => ({ links: lines[index], requires: requires.get(name) })
}
