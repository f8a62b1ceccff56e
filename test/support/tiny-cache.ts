// A signed build cache of a few text-only packages, made in a moment, in any shape that a test wants: hostile members,
// wrong digests, other keys.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { generateKey } from 'openpgp'
import { type TarMember, tarEnd, tarMember } from '../../src/archive/tar-writer.ts'
import { type CachedPackage, publishPackages, type SigningKey } from '../../src/buildcache/publish.ts'
import { cacheKey } from '../../src/buildcache/signing.ts'
import { writeLockfile } from '../../src/environment/lockfile.ts'
import { nodesBelow } from '../../src/environment/lockfile-roots.ts'
import { computeHash } from '../../src/spec/hash.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { nodesByHash, plainParameters } from './prefixes.ts'

/** Where the packages of a tiny cache claim to have been built. */
export const builtRoot = `/built/${'_'.repeat(160)}`

export interface TinyPackage {
  name: string
  version?: string
  /** Names of packages before it in the list. */
  dependencies?: readonly string[]
  /** For which virtuals dependencies are used, by their names. */
  virtuals?: Readonly<Record<string, readonly string[]>>
  /** Files by path; `@PREFIX@` becomes the prefix, `@PREFIX:NAME@` another package's, and the file is listed for relocation. */
  files?: Readonly<Record<string, string>>
  /** The same for binaries, which keep their length. */
  binaries?: Readonly<Record<string, string>>
  /** Further members of the archive as they are, names relative to the archive's root. */
  members?: (prefix: string) => readonly TarMember[]
}

export interface TinyCache {
  folder: string
  mirror: string
  keyFile: string
  lockfile: string
  nodes: ReadonlyMap<string, SpecNode>
  hashOf: (name: string) => string
}

/** A fresh signing key, small and quick. */
export async function tinyKey(name = 'Tiny cache'): Promise<SigningKey> {
  const { privateKey } = await generateKey({ type: 'rsa', rsaBits: 2048, userIDs: [{ name }], format: 'object' })
  return cacheKey(privateKey)
}

/** Writes `FOLDER/mirror`, `FOLDER/key.pub` and `FOLDER/spack.lock`, whose roots are the packages nobody depends on. */
export async function makeTinyCache(
  folder: string,
  packages: readonly TinyPackage[],
  key: SigningKey | undefined,
): Promise<TinyCache> {
  const nodes = new Map<string, SpecNode>()
  const cached: CachedPackage[] = []
  mkdirSync(join(folder, 'archives'), { recursive: true })
  for (const entry of packages) {
    const node = tinyNode(entry, nodes)
    nodes.set(entry.name, node)
    const archivePath = join(folder, 'archives', `${entry.name}.tar.gz`)
    const content = gzipSync(Buffer.concat(archiveBlocks(entry, nodes)))
    writeFileSync(archivePath, content)
    const archive = { sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
    cached.push({ nodes: tinyClosure(node, nodes), archivePath, archive })
  }
  const mirror = join(folder, 'mirror')
  await publishPackages(mirror, cached, key)
  const keyFile = join(folder, 'key.pub')
  if (key) writeFileSync(keyFile, key.armoredPublicKey)
  const needed = new Set(packages.flatMap((entry) => entry.dependencies ?? []))
  const roots = packages.filter((entry) => !needed.has(entry.name))
  const lockfile = join(folder, 'spack.lock')
  writeFileSync(
    lockfile,
    tinyLockfile(
      roots.map((entry) => nodes.get(entry.name)!),
      nodes,
    ),
  )
  return { folder, mirror, keyFile, lockfile, nodes, hashOf: (name) => nodes.get(name)!.hash! }
}

function tinyNode(entry: TinyPackage, nodes: ReadonlyMap<string, SpecNode>): SpecNode {
  const dependencies = [...(entry.dependencies ?? [])].sort().map((name) => ({
    name,
    hash: nodes.get(name)!.hash!,
    parameters: { deptypes: ['build', 'link'], virtuals: [...(entry.virtuals?.[name] ?? [])] },
  }))
  const node: SpecNode = {
    name: entry.name,
    version: entry.version ?? '1.0',
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
    namespace: 'tiny',
    parameters: plainParameters,
    package_hash: `${'a'.repeat(52)}====`,
    ...(dependencies.length ? { dependencies } : {}),
    annotations: { original_specfile_version: 5 },
  }
  return { ...node, hash: computeHash(node) }
}

const builtPrefix = (node: SpecNode): string => `${builtRoot}/linux-x86_64/${node.name}-${node.version}-${node.hash}`

const prefixMark = /@PREFIX(?::([\w-]+))?@/

function archiveBlocks(entry: TinyPackage, nodes: ReadonlyMap<string, SpecNode>): Buffer[] {
  const node = nodes.get(entry.name)!
  const prefix = builtPrefix(node)
  const root = prefix.slice(1)
  const textFiles = Object.entries(entry.files ?? { 'share/note': `${entry.name} lives in @PREFIX@\n` })
  const binaries = Object.entries(entry.binaries ?? {})
  const files = [...textFiles, ...binaries]
  const spec = { spec: { _meta: { version: 5 }, nodes: tinyClosure(node, nodes) } }
  const buildinfo = {
    sbang_install_path: `${builtRoot}/bin/sbang`,
    buildpath: builtRoot,
    spackprefix: '/built/spack',
    relative_prefix: prefix.slice(builtRoot.length + 1),
    hardlinks_deduped: true,
    hash_to_prefix: Object.fromEntries(tinyClosure(node, nodes).map((below) => [below.hash, builtPrefix(below)])),
    relocate_binaries: binaries.map(([path]) => path),
    relocate_links: [],
    relocate_textfiles: textFiles.filter(([, text]) => prefixMark.test(text)).map(([path]) => path),
  }
  const members: TarMember[] = [
    { kind: 'directory', name: root, mode: 0o755 },
    ...files.map(([path, text]): TarMember => {
      const filled = text.replace(new RegExp(prefixMark, 'g'), (_, name) => builtPrefix(name ? nodes.get(name)! : node))
      const content = Buffer.from(filled)
      return { kind: 'file', name: `${root}/${path}`, mode: path.startsWith('bin/') ? 0o755 : 0o644, content }
    }),
    ...(entry.members?.(root) ?? []),
    { kind: 'file', name: `${root}/.spack/spec.json`, mode: 0o644, content: Buffer.from(JSON.stringify(spec)) },
    {
      kind: 'file',
      name: `${root}/.spack/binary_distribution`,
      mode: 0o644,
      content: Buffer.from(JSON.stringify(buildinfo)),
    },
  ]
  return [...members.flatMap(tarMember), tarEnd()]
}

const tinyClosure = (root: SpecNode, nodes: ReadonlyMap<string, SpecNode>): SpecNode[] =>
  nodesBelow(nodesByHash(nodes.values()), root.hash as DagHash)

/** The text of a lockfile (version 6) with these roots and nodes. */
export function tinyLockfile(roots: readonly SpecNode[], nodes: ReadonlyMap<string, SpecNode>): string {
  return writeLockfile({
    roots: roots.map(({ name, hash }) => ({ hash: hash as DagHash, spec: name })),
    nodes: nodesByHash(nodes.values()),
    includeConcrete: new Map(),
  })
}
