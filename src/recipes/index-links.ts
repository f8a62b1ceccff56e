// What packages of a recipe index may link to or run, in short: names and what is required in any case. With several
// compilers it is asked for hundreds of packages at each request, and their facts would take ten times as long to read.
//
// It lies beside the table as `links.json`, and counts for nothing with any other table than that it was made from.

import { join } from 'node:path'
import { readCached, writeCached } from '../whole-file.ts'
import type { FileStamp } from './file-stamps.ts'
import { tableStamp } from './index-stamps.ts'
import type { IndexTable, PackageLinks } from './index-table.ts'
import type { PackageNeeds } from './recipe.ts'

interface Links {
  table: FileStamp
  /** Of all packages of the table in turn, a line each: names with blanks between. */
  names: string
  requires: readonly (readonly [name: string, requires: PackageNeeds['requires']])[]
}

/** What the table keeps of a recipe; nothing of one that needs nothing. */
export function linksOf({ dependencies, requires }: PackageNeeds): PackageLinks {
  const linked = dependencies.filter(({ types }) => types.includes('link') || types.includes('run'))
  const names = new Set(linked.map(({ spec }) => /^[\w-]+/.exec(spec)?.[0] ?? ''))
  const always = requires.flatMap(({ specs, when }) => (when === '' ? [{ specs, when }] : []))
  return { ...(names.size ? { links: [...names].join(' ') } : {}), ...(always.length ? { requires: always } : {}) }
}

const linksFile = (folder: string): string => join(folder, 'links.json')

export function writeLinks(folder: string, { packages }: IndexTable): void {
  const links: Links = {
    table: tableStamp(folder),
    names: packages.map((entry) => entry.links ?? '').join('\n'),
    requires: packages.flatMap(({ name, requires }) => (requires ? [[name, requires] as const] : [])),
  }
  writeCached(linksFile(folder), links)
}

/**
 * What the `index`-th package of the table, called `name`, may link to or run: dependencies are names alone. null when
 * there is no such file, or none of the table that is there.
 */
export function readLinks(folder: string): ((index: number, name: string) => PackageNeeds) | null {
  const links = readCached(linksFile(folder)) as Links | null | undefined
  const [changedMs, sizeBytes] = tableStamp(folder)
  if (links?.table?.[0] !== changedMs || links.table[1] !== sizeBytes) return null
  const lines = links.names.split('\n')
  const requires = new Map(links.requires)
  return (index, name) => ({
    dependencies: (lines[index] ?? '').split(' ').flatMap((spec) => (spec ? [{ spec, types: ['link', 'run'] }] : [])),
    requires: requires.get(name) ?? [],
  })
}
