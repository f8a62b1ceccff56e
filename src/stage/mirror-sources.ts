// All that a source plan fetches put into a mirror: by digest, with names for people beside. A mirror is a folder that Spack
// reads as well; what is in it already is not fetched again.

import { copyFileSync, existsSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { below } from '../buildcache/location.ts'
import { makeFolders } from '../folders.ts'
import { type FetchPlace, fetchArchive } from './fetch-archive.ts'
import { fetchCheckout, packCheckout } from './fetch-checkout.ts'
import type { ArchiveSource, CommandSource, GitSource, MirrorPlaces, Source, SourcePlan } from './source-plan.ts'
import { openStageRoot } from './stage-folder.ts'
import type { StageWorld } from './stage-world.ts'

export interface MirrorOptions {
  /** The mirror's folder. */
  folder: string
  /** Leave out what may be something else tomorrow: checkouts, and archives without a digest. */
  onlyStable: boolean
}

export interface MirrorChanges {
  added: number
  present: number
}

type Mirrored = ArchiveSource | GitSource | CommandSource

/** Adds the sources of a plan, its resources and its patches. Throws as `fetchArchive` and `fetchCheckout`. */
export async function addToMirror(plan: SourcePlan, options: MirrorOptions, world: StageWorld): Promise<MirrorChanges> {
  const [added, present] = [new Set<string>(), new Set<string>()]
  const { name, version, hash } = plan.spec
  const scratch = join(openStageRoot(plan.stageRoots), `spack-stage-mirror-${process.pid}-${name}-${version}-${hash}`)
  const place: FetchPlace = { folder: scratch, cache: plan.cache, shown: `${name}@${version}` }
  try {
    for (const source of mirrored(plan, options)) {
      const places = placesOf(source)
      const target = below(options.folder, places.storage)
      if (!existsSync(target)) {
        await store(source, target, place, world)
        added.add(target)
      } else if (!added.has(target)) present.add(target)
      if (places.alias !== null) linkAlias(target, below(options.folder, places.alias))
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return { added: added.size, present: present.size }
}

/** What is to be in the mirror, each place once. */
function mirrored({ source, resources, patches }: SourcePlan, { onlyStable }: MirrorOptions): Mirrored[] {
  const all: Source[] = [
    source,
    ...resources.map((resource) => resource.source),
    ...patches.flatMap(({ from }) => (from.kind === 'fetch' ? [from.source] : [])),
  ]
  const wanted = all.filter((each): each is Mirrored => each.kind !== 'none' && each.kind !== 'develop')
  const stable = wanted.filter((each) => !onlyStable || (each.kind === 'archive' && each.isCachable))
  return [...new Map(stable.map((each) => [`${placesOf(each).storage} ${placesOf(each).alias}`, each])).values()]
}

const placesOf = (source: Mirrored): MirrorPlaces => (source.kind === 'archive' ? source.places : source.archive.places)

async function store(source: Mirrored, target: string, outer: FetchPlace, world: StageWorld): Promise<void> {
  const place = { ...outer, folder: join(outer.folder, placesOf(source).storage.replaceAll('/', '-')) }
  makeFolders(place.folder)
  makeFolders(dirname(target))
  const temporary = `${target}.${process.pid}.tmp`
  try {
    if (source.kind === 'archive') copyFileSync(realpathSync(await fetchArchive(source, place, world)), temporary)
    else {
      const checkout = await fetchCheckout(source, place, world)
      if (checkout.kind === 'archive') copyFileSync(realpathSync(checkout.path), temporary)
      else await packCheckout(source, checkout.path, temporary)
    }
    renameSync(temporary, target)
  } finally {
    rmSync(temporary, { force: true })
    rmSync(place.folder, { recursive: true, force: true })
  }
}

/** The name for people is a relative link, so that a mirror can be moved. */
function linkAlias(target: string, alias: string): void {
  makeFolders(dirname(alias))
  const temporary = `${alias}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  symlinkSync(relative(dirname(alias), target), temporary)
  renameSync(temporary, alias)
}
