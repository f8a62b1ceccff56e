// Whether an index is current, found out while something else is done: to look at 11,000 files takes a third of the time
// in which most specs are concretized.

import { availableParallelism } from 'node:os'
import { type IndexedFolders, isCurrent, isCurrentAround, pathsFile, readStamps } from './index-stamps.ts'
import { compareListing } from './stat-listing.ts'

/** As `isCurrent`; where there are many files and a second processor they are looked at until it is asked. */
export function willBeCurrent(folder: string, repository: IndexedFolders): () => boolean {
  const stamps = readStamps(folder)
  const isListing =
    stamps?.listing !== undefined && availableParallelism() > 1
      ? compareListing(repository.root, pathsFile(folder), stamps.listing)
      : undefined
  const isSame = stamps && isListing ? isCurrentAround(folder, repository, stamps) : undefined
  let answer: boolean | undefined
  // Where the system's tools see a change, or are gone, each file is looked at.
  return () => (answer ??= (isSame && isListing?.()) || isCurrent(folder, repository))
}
