// The prefix of a package that is built from source. The path is built into it, so it is put together in its place and not
// beside it; what makes it a package is `.spack/spec.json`, which comes last, in one step. A note beside the prefix says that
// somebody is building there: of a build that was killed nothing stays. All of this happens with the prefix lock held.

import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolders } from '../folders.ts'
import { metadataDir, specFile } from '../store/prefix-metadata.ts'
import { removedPrefix } from '../store/removed-prefix.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { isPublished, type PrefixPlace } from './publish.ts'

const building = ({ prefix, hash }: PrefixPlace): string => `${dirname(prefix)}/.${hash}.building`

/** Where the spec file waits. */
export const waitingSpecFile = ({ staging }: PrefixPlace): string => `${staging}.json`

/** Whether a killed installer left something beside the prefix, although the package is whole. */
export const hasLeftovers = (place: PrefixPlace): boolean => existsSync(building(place)) || existsSync(place.replaced)

/** Removes what a killed build left. To be called before anything else looks at the prefix. */
export function cleanUpBuild(place: PrefixPlace): void {
  if (!existsSync(building(place))) return
  if (!isPublished(place.prefix)) removeTree(place)
  rmSync(waitingSpecFile(place), { force: true })
  rmSync(building(place))
}

/** In two steps: half a tree under its name would be taken for somebody's own. */
function removeTree(place: PrefixPlace): void {
  if (!existsSync(place.prefix)) return
  const removed = removedPrefix(place.prefix, place.hash)
  rmSync(removed, { recursive: true, force: true })
  renameSync(place.prefix, removed)
  rmSync(removed, { recursive: true, force: true })
}

/**
 * Makes an empty prefix to build in. With `overwrite` an old package gives way until this one is whole. Throws SpackError
 * `prefix-occupied`.
 */
export function openBuildPrefix(place: PrefixPlace, overwrite: boolean, directoryMode: number): void {
  makeFolders(dirname(place.prefix))
  if (overwrite && existsSync(place.prefix)) renameSync(place.prefix, place.replaced)
  if (existsSync(place.prefix)) removeEmptyFolder(place.prefix)
  writeFileSync(building(place), `${process.pid}\n`)
  mkdirSync(place.prefix, { mode: directoryMode })
  mkdirSync(`${place.prefix}/${metadataDir}`, { mode: directoryMode })
}

/** An empty folder in the way is of no use to anybody. */
function removeEmptyFolder(prefix: string): void {
  try {
    rmdirSync(prefix)
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    throw new SpackError('prefix-occupied', `\`${prefix}\` exists and is no package`, {
      hint: 'look into it and remove it, or install with `--overwrite`',
      cause: error,
    })
  }
}

/** Makes the prefix a package: its spec file gets its name. What it replaced goes. */
export function publishBuild(place: PrefixPlace): void {
  renameSync(waitingSpecFile(place), specFile(place.prefix))
  rmSync(building(place), { force: true })
  rmSync(place.replaced, { recursive: true, force: true })
}

/** Takes a failed build away, and puts back what it was to replace. With `keep` the prefix stays for people to look at. */
export function abandonBuild(place: PrefixPlace, keep: boolean): void {
  if (keep && !existsSync(place.replaced)) return
  removeTree(place)
  rmSync(waitingSpecFile(place), { force: true })
  if (existsSync(place.replaced)) renameSync(place.replaced, place.prefix)
  rmSync(building(place), { force: true })
}
