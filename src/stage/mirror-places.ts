// Where sources lie in a mirror: `_source-cache/archive/ab/abc….tar.gz` by digest, and `NAME/NAME-VERSION.tar.gz` for
// people, a link to it. Checkouts are packed as `_source-cache/git/PATH-IN-URL/COMMIT.tar.gz`. Spack's layout since 0.15.

import { below } from '../buildcache/location.ts'
import type { Mirror } from '../buildcache/mirror.ts'
import type { Candidate, Digest, MirrorPlaces } from './source-plan.ts'

/** Places of a file. `extension` is without its dot; empty where a file is not to be expanded. */
export function filePlaces(alias: string, digest: Digest | null, extension: string): MirrorPlaces {
  const named = withExtension(alias, extension)
  if (!digest) return { storage: named, alias: null }
  const storage = `_source-cache/archive/${digest.hex.slice(0, 2)}/${digest.hex}`
  return { storage: withExtension(storage, extension), alias: named }
}

/** Places of a packed checkout; `identity` is null where the same words may mean something else tomorrow. */
export function checkoutPlaces(alias: string, identity: string | null, extension = 'tar.gz'): MirrorPlaces {
  const named = withExtension(alias, extension)
  if (identity === null) return { storage: named, alias: null }
  const storage = `_source-cache/${identity}`.split('/').filter((part) => part !== '')
  return { storage: withExtension(storage.join('/'), extension), alias: named }
}

const withExtension = (path: string, extension: string): string => (extension ? `${path}.${extension}` : path)

/** Where the file may be before anybody asks its makers: the download cache, then the mirrors, by both names. */
export function storedCandidates(
  places: MirrorPlaces,
  { cache, mirrors }: { cache: string | null; mirrors: readonly Mirror[] },
): Candidate[] {
  const paths = [places.storage, ...(places.alias === null ? [] : [places.alias])]
  const cached: Candidate[] = cache === null ? [] : [{ kind: 'cache', url: below(cache, places.storage) }]
  const mirrored = mirrors.flatMap((mirror) =>
    paths.map((path): Candidate => {
      const { name, fetchUrl, credentials } = mirror
      return { kind: 'mirror', url: below(fetchUrl, path), mirror: name, ...(credentials ? { credentials } : {}) }
    }),
  )
  return [...cached, ...mirrored]
}
