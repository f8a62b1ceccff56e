// Tags and the packages that have them. Tags are compared in small letters.

import type { RepositoryPath } from './repository-path.ts'

/** Names of packages by tag, tags and names sorted. */
export function packagesByTag({ names, find }: RepositoryPath): Map<string, string[]> {
  const byTag = new Map<string, string[]>()
  for (const name of names) {
    for (const tag of new Set(tagsOf(find(name)!.index.tags(name)))) {
      const tagged = byTag.get(tag)
      if (tagged) tagged.push(name)
      else byTag.set(tag, [name])
    }
  }
  return new Map([...byTag].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const tagsOf = (tags: readonly string[]): string[] => tags.map((tag) => tag.toLowerCase())

/** Names of the packages that have all of some tags. */
export function packagesWithTags(path: RepositoryPath, tags: readonly string[]): Set<string> {
  const byTag = packagesByTag(path)
  const sets = tags.map((tag) => new Set(byTag.get(tag.toLowerCase())))
  return new Set(path.names.filter((name) => sets.every((set) => set.has(name))))
}
