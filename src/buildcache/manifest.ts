// Layout 3 of a build cache (Spack 1.0 and later; conformance `buildcache/README.md`):
//
//   v3/manifests/spec/NAME/NAME-VERSION-HASH.spec.manifest.json   a list of blobs, usually clear-signed
//   v3/manifests/index/[VIEW/]index.manifest.json                 the same for the index
//   v3/manifests/key/…                                            and for keys
//   blobs/ALGORITHM/XX/DIGEST                                     what they list

import { SpackError } from '../ui/error.ts'
import { type Blob, digestDigits } from './blob.ts'
import { below, politeName, shownUrl } from './location.ts'

export interface Manifest {
  blobs: readonly ManifestBlob[]
}

export interface ManifestBlob extends Blob {
  mediaType: string
  sizeBytes: number
}

/** Media types by what they stand for. Numbers in them are versions of the content. */
export const mediaTypes = {
  archive: /^application\/vnd\.spack\.install\.v2\.tar\+gzip$/,
  spec: /^application\/vnd\.spack\.spec\.v\d+\+json$/,
  index: /^application\/vnd\.spack\.db\.v\d+\+json$/,
  key: /^application\/pgp-keys$/,
  keyIndex: /^application\/vnd\.spack\.keyindex\.v1\+json$/,
}

/** Manifests are short: a few hundred bytes a blob. */
export const manifestLimitBytes = 1 << 20
const maxBlobs = 100

// Where things are: URLs below the URL of a cache, paths below a path.

export const specManifestUrl = (base: string, spec: { name: string; version: string; hash: string }): string =>
  below(
    base,
    'v3/manifests/spec',
    spec.name,
    `${politeName(`${spec.name}-${spec.version}-${spec.hash}`)}.spec.manifest.json`,
  )

export const indexManifestUrl = (base: string, view?: string): string =>
  below(base, 'v3/manifests/index', ...(view ? [view] : []), 'index.manifest.json')

/** `name` is `keys` for the list of keys, or `FINGERPRINT.key`. */
export const keyManifestUrl = (base: string, name: string): string =>
  below(base, 'v3/manifests/key', `${name}.manifest.json`)

export const blobUrl = (base: string, algorithm: string, digest: string): string =>
  below(base, 'blobs', algorithm, digest.slice(0, 2), digest)

/**
 * Reads the text of a manifest (without signature); `base` is where its blobs lie. Throws SpackError `manifest-broken` for
 * everything that is not as the format says, and `manifest-version` for another version.
 */
export function readManifest(text: string, base: string): Manifest {
  const manifest = parseObject(text)
  if (manifest.version !== 3) {
    throw new SpackError('manifest-version', `its version is ${JSON.stringify(manifest.version)?.slice(0, 40)}, not 3`)
  }
  if (!Array.isArray(manifest.data) || manifest.data.length > maxBlobs) throw broken('`data` is no list of blobs')
  return { blobs: manifest.data.map((entry: unknown) => readManifestBlob(entry, base)) }
}

function readManifestBlob(entry: unknown, base: string): ManifestBlob {
  if (!isRecord(entry)) throw broken('a blob is no object')
  const { contentLength, mediaType, compression, checksumAlgorithm: algorithm, checksum: digest } = entry
  if (!Number.isSafeInteger(contentLength) || (contentLength as number) < 0) throw broken('`contentLength` is no size')
  if (typeof mediaType !== 'string' || typeof compression !== 'string')
    throw broken('`mediaType` or `compression` is missing')
  if (typeof algorithm !== 'string' || !Object.hasOwn(digestDigits, algorithm))
    throw broken('`checksumAlgorithm` is not known')
  if (typeof digest !== 'string' || !isDigest(algorithm, digest)) throw broken(`\`checksum\` is no ${algorithm}`)
  const url = blobUrl(base, algorithm, digest)
  return { url, sizeBytes: contentLength as number, mediaType, compression, algorithm, digest }
}

export const isDigest = (algorithm: string, text: string): boolean =>
  text.length === digestDigits[algorithm] && /^[0-9a-f]+$/.test(text)

/** The blob of a kind. Throws SpackError `manifest-broken` unless there is exactly one. */
export function blobOf(manifest: Manifest, kind: keyof typeof mediaTypes): ManifestBlob {
  const [blob, ...more] = manifest.blobs.filter(({ mediaType }) => mediaTypes[kind].test(mediaType))
  if (!blob || more.length) throw broken(`it lists ${blob ? 'more than one' : 'no'} ${kindNames[kind]}`)
  return blob
}

const kindNames: Readonly<Record<keyof typeof mediaTypes, string>> = {
  archive: 'archive',
  spec: 'spec',
  index: 'index',
  key: 'key',
  keyIndex: 'list of keys',
}

/** Parses JSON that must be an object. Throws SpackError `manifest-broken`. */
export function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw broken('it is no JSON', cause)
  }
  if (!isRecord(value)) throw broken('it is no JSON object')
  return value
}

/** As in `src/spec/json.ts`, which installers of binaries do not load. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const broken = (reason: string, cause?: unknown): SpackError =>
  new SpackError('manifest-broken', reason, { cause })

/** Says where it was, in the errors of a reader that knows only the text. */
export function within<Value>(url: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    throw new SpackError(error.code, `\`${shownUrl(url)}\` is broken: ${error.message}`, { cause: error })
  }
}
