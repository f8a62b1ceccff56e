// Makes what the example environment starts from, as another machine would have left it: compiles the three packages
// below a long root, packs and signs them into the build cache FOLDER/mirror, and writes FOLDER/spack.lock and the
// public key FOLDER/key.pub.  usage: make-cache.ts FOLDER

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateKey } from 'openpgp'
import { packPrefix } from '../../src/buildcache/pack.ts'
import { type CachedPackage, publishPackages, type SigningKey } from '../../src/buildcache/publish.ts'
import { cacheKey } from '../../src/buildcache/signing.ts'
import { writeLockfile } from '../../src/environment/lockfile.ts'
import { nodesBelow } from '../../src/environment/lockfile-roots.ts'
import { computeHash } from '../../src/spec/hash.ts'
import type { NodeDependency, SpecNode } from '../../src/spec/node.ts'
import { type DagHash, flagKinds } from '../../src/spec/spec.ts'

const sources = fileURLToPath(new URL('sources', import.meta.url))
/** Length of the root that the packages are compiled for: they can be installed below any root that is not longer. */
const paddedRootLength = 200

interface Package {
  name: string
  version: string
  sources: readonly string[]
  dependencies: readonly { name: string; deptypes: readonly string[] }[]
  /** Fills the prefix. `prefixOf` gives the prefixes of its dependencies. */
  install: (prefix: string, prefixOf: (name: string) => string) => void
}

const source = (name: string) => join(sources, name)

/** In order of dependency. */
const packages: readonly Package[] = [
  {
    name: 'greetlib',
    version: '1.2',
    sources: ['greetlib.c', 'greetlib.h'],
    dependencies: [],
    install: (prefix) => {
      for (const folder of ['include', 'lib']) mkdirSync(join(prefix, folder), { recursive: true })
      copyFileSync(source('greetlib.h'), join(prefix, 'include/greetlib.h'))
      const define = `-DGREETLIB_PREFIX="${prefix}"`
      compile('-shared', '-fPIC', define, '-o', join(prefix, 'lib/libgreet.so'), source('greetlib.c'))
    },
  },
  {
    name: 'greet',
    version: '2.0',
    sources: ['greet.c'],
    dependencies: [{ name: 'greetlib', deptypes: ['build', 'link'] }],
    install: (prefix, prefixOf) => {
      const library = prefixOf('greetlib')
      mkdirSync(join(prefix, 'bin'), { recursive: true })
      const rpath = `-Wl,-rpath,${library}/lib`
      const output = join(prefix, 'bin/greet')
      compile(`-I${library}/include`, source('greet.c'), `-L${library}/lib`, rpath, '-lgreet', '-o', output)
    },
  },
  {
    name: 'banner',
    version: '0.3',
    sources: ['banner.sh', 'frame.sh'],
    dependencies: [{ name: 'greet', deptypes: ['run'] }],
    install: (prefix) => {
      for (const folder of ['bin', 'libexec']) mkdirSync(join(prefix, folder), { recursive: true })
      const script = readFileSync(source('banner.sh'), 'utf8').replace('@PREFIX@', prefix)
      writeFileSync(join(prefix, 'bin/banner'), script)
      copyFileSync(source('frame.sh'), join(prefix, 'libexec/frame'))
      for (const program of ['bin/banner', 'libexec/frame']) chmodSync(join(prefix, program), 0o755)
    },
  },
]

const compile = (...args: string[]) =>
  void execFileSync('cc', ['-O2', ...args], { stdio: ['ignore', 'inherit', 'inherit'] })

const roots = ['greet', 'banner']
const targetFamilies: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ppc64: 'ppc64le',
  riscv64: 'riscv64',
}
const target = targetFamilies[arch()] ?? arch()

function osName(): string {
  const release = readFileSync('/etc/os-release', 'utf8')
  const field = (name: string) => release.match(new RegExp(`^${name}="?([^"\\n]*)`, 'm'))?.[1] ?? ''
  return `${field('ID')}${field('VERSION_ID').split('.')[0]}`
}

function nodeOf(entry: Package, hashOf: (name: string) => string): SpecNode {
  const content = createHash('sha256')
  for (const name of entry.sources) content.update(readFileSync(source(name)))
  const dependencies: NodeDependency[] = entry.dependencies.map(({ name, deptypes }) => ({
    name,
    hash: hashOf(name),
    parameters: { deptypes, virtuals: [] },
  }))
  const node: SpecNode = {
    name: entry.name,
    version: entry.version,
    arch: { platform: 'linux', platform_os: osName(), target },
    namespace: 'hello',
    parameters: { build_system: 'generic', ...Object.fromEntries(flagKinds.map((kind) => [kind, []])) },
    package_hash: `${content
      .digest('hex')
      .slice(0, 52)
      .replace(/[0189]/g, 'a')}====`,
    ...(dependencies.length ? { dependencies } : {}),
    annotations: { original_specfile_version: 5 },
  }
  return { ...node, hash: computeHash(node) }
}

async function createKey(): Promise<SigningKey> {
  const userIDs = [{ name: 'Example cache', email: 'cache@example.org' }]
  const { privateKey } = await generateKey({ type: 'rsa', rsaBits: 3072, userIDs, format: 'object' })
  return cacheKey(privateKey)
}

async function main(folder: string): Promise<void> {
  const work = join(folder, 'build')
  const root = join(work, 'root').padEnd(paddedRootLength, '_')
  const byName = new Map<string, SpecNode>()
  const byHash = new Map<DagHash, SpecNode>()
  const prefixOf = (name: string) => {
    const node = byName.get(name)!
    return join(root, `linux-${target}`, `${name}-${node.version}-${node.hash}`)
  }
  const cached: CachedPackage[] = []
  for (const entry of packages) {
    const node = nodeOf(entry, (name) => byName.get(name)!.hash!)
    byName.set(entry.name, node)
    byHash.set(node.hash as DagHash, node)
    const prefix = prefixOf(entry.name)
    entry.install(prefix, prefixOf)
    const nodes = nodesBelow(byHash, node.hash as DagHash)
    mkdirSync(join(prefix, '.spack'))
    writeFileSync(join(prefix, '.spack/spec.json'), JSON.stringify({ spec: { _meta: { version: 5 }, nodes } }))
    const archivePath = join(work, `${entry.name}.tar.gz`)
    const archive = await packPrefix({
      prefix,
      storeRoot: root,
      spackPrefix: join(work, 'spack'),
      sbangPath: join(root, 'bin/sbang'),
      hashToPrefix: new Map(nodes.map(({ name, hash }) => [hash!, prefixOf(name)])),
      archive: archivePath,
    })
    cached.push({ nodes, archivePath, archive })
  }
  const key = await createKey()
  await publishPackages(join(folder, 'mirror'), cached, key)
  writeFileSync(join(folder, 'key.pub'), key.armoredPublicKey)
  const lockedRoots = roots.map((name) => ({ hash: byName.get(name)!.hash as DagHash, spec: name }))
  const lockfile = writeLockfile({ roots: lockedRoots, nodes: byHash, includeConcrete: new Map() })
  writeFileSync(join(folder, 'spack.lock'), lockfile)
  rmSync(work, { recursive: true })
}

await main(resolve(process.argv[2]!))
