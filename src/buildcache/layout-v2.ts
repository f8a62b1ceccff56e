// Layout 2 of a build cache (Spack 0.18 to 0.23; conformance `buildcache/README.md`), which is only read:
//
//   build_cache/ARCH-COMPILER-NAME-VERSION-HASH.spec.json.sig     clear-signed, or `.spec.json` when not signed
//   build_cache/ARCH/COMPILER/NAME-VERSION/ARCH-…-HASH.spack      the archive, whose digest is in the former
//
// COMPILER is name and version. Hashes of specs that were made since have no compiler in their node and are never here.

import type { SpecNode } from '../spec/node.ts'
import type { Blob } from './blob.ts'
import { below, politeName } from './location.ts'
import { broken, isDigest, isRecord, parseObject } from './manifest.ts'

/** What the names of files hold besides name, version and hash. */
export interface LegacyNames {
  /** `linux-debian12-x86_64_v2` */
  arch: string
  /** `gcc-12.2.0` */
  compiler: string
}

interface NamedSpec {
  name: string
  version: string
  hash: string
  legacy: LegacyNames
}

/** Spec files hold a whole DAG. */
export const specFileLimitBytes = 64 << 20
/** Layout 1 wrapped the archive in another one; Spack has stopped reading it as well. */
const layoutVersion = 2

/** The names of a node of a format before 5, also when it was written again in format 5; undefined for all others. */
export function legacyNames(node: SpecNode): LegacyNames | undefined {
  const { arch } = node
  const compiler = legacyCompiler(node)
  if (!arch?.target || !compiler) return undefined
  const target = typeof arch.target === 'string' ? arch.target : arch.target.name
  return { arch: `${arch.platform}-${arch.platform_os}-${target}`, compiler }
}

function legacyCompiler({ compiler, annotations }: SpecNode): string | undefined {
  if (compiler) return `${compiler.name}-${compiler.version}`
  const [, name, version] = /^([^@\s]+)@=?(\S+)$/.exec(String(annotations?.compiler ?? '')) ?? []
  return name && version ? `${name}-${version}` : undefined
}

const baseName = ({ name, version, hash, legacy }: NamedSpec): string =>
  politeName(`${legacy.arch}-${legacy.compiler}-${name}-${version}-${hash}`)

export const signedSpecUrl = (base: string, spec: NamedSpec): string =>
  below(base, 'build_cache', `${baseName(spec)}.spec.json.sig`)

export const unsignedSpecUrl = (base: string, spec: NamedSpec): string =>
  below(base, 'build_cache', `${baseName(spec)}.spec.json`)

function archiveUrl(base: string, spec: NamedSpec): string {
  const folders = [spec.legacy.arch, spec.legacy.compiler, `${spec.name}-${spec.version}`].map(politeName)
  return below(base, 'build_cache', ...folders, `${baseName(spec)}.spack`)
}

/**
 * Reads a spec file (without signature): its nodes and the archive that it vouches for. Throws SpackError
 * `manifest-broken`.
 */
export function readSpecFile(
  text: string,
  base: string,
  spec: NamedSpec,
): { nodes: readonly unknown[]; archive: Blob } {
  const file = parseObject(text)
  const version = file.buildcache_layout_version
  if (version !== layoutVersion) throw broken(`its layout version is ${JSON.stringify(version)?.slice(0, 40)}, not 2`)
  if (!isRecord(file.spec) || !Array.isArray(file.spec.nodes)) throw broken('it holds no spec')
  const checksum = file.binary_cache_checksum
  if (!isRecord(checksum)) throw broken('it holds no digest of the archive')
  const { hash_algorithm: algorithm, hash: digest } = checksum
  if (typeof algorithm !== 'string' || typeof digest !== 'string' || !isDigest(algorithm, digest)) {
    throw broken('the digest of the archive is none')
  }
  return { nodes: file.spec.nodes, archive: { url: archiveUrl(base, spec), algorithm, digest, compression: 'gzip' } }
}
