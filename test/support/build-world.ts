// A repository of small recipes with their sources, an environment of them, and `spack install` that builds them with `cc`.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tarEnd, tarMember } from '../../src/archive/tar-writer.ts'
import { installProgram, isolated, type Outcome, runSpack } from './program.ts'
import { scratch } from './scratch.ts'
import { type SmallNode, smallHash, writeSmallEnvironment } from './small-lockfile.ts'

export interface BuiltPackage extends SmallNode {
  /** The body of the class, without indentation; `VERSION` becomes the directive of version 1.0, `DIGEST` its archive's. */
  recipe: string
  base?: string
  /** Further lines in front of the class. */
  head?: string
  /** Files of the archive by path; those with a `#!` are executable. None: the package has no code. */
  sources?: Readonly<Record<string, string>>
  /** Files beside the recipe. */
  files?: Readonly<Record<string, string>>
}

export interface BuildWorld {
  home: string
  environment: string
  environ: NodeJS.ProcessEnv
  repository: string
  store: string
  spack: (...words: string[]) => Outcome
  install: (...words: string[]) => Outcome
  prefix: (name: string) => string
  stage: (name: string) => string
  /** Starts the installer of one spec, in a process group of its own. */
  start: (name: string, ...words: string[]) => ReturnType<typeof spawn>
  /** What lies beside the prefixes and is none. */
  leftovers: () => string[]
  writeRecipe: (name: string, entry: BuiltPackage) => void
}

/** The first `roots` packages are roots. */
export function makeBuildWorld(packages: Readonly<Record<string, BuiltPackage>>, roots = 1): BuildWorld {
  const home = scratch()
  const repository = join(home, 'spack_repo/tiny')
  const environment = join(home, 'environment')
  const environ = { ...isolated(home), TMPDIR: join(home, 'tmp') }
  for (const folder of [repository, environment, environ.TMPDIR, join(home, 'user-config')])
    mkdirSync(folder, { recursive: true })
  write(join(repository, 'repo.yaml'), 'repo:\n  namespace: tiny\n  api: v2.2\n')
  write(join(home, 'user-config/repos.yaml'), JSON.stringify({ 'repos:': { tiny: repository } }))
  write(join(home, 'user-config/mirrors.yaml'), JSON.stringify({ 'mirrors:': {} }))
  write(
    join(home, 'user-config/config.yaml'),
    JSON.stringify({ config: { build_stage: [join(home, 'stage')], build_jobs: 4 } }),
  )
  const writeRecipe = (name: string, entry: BuiltPackage) => writePackage(home, repository, name, entry)
  for (const [name, entry] of Object.entries(packages)) writeRecipe(name, entry)
  writeSmallEnvironment(environment, packages, roots)
  const store = join(home, 'spack/opt/spack')
  const folder = join(store, 'linux-x86_64')
  const spack = (...words: string[]) => runSpack(['-e', environment, ...words], { env: environ })
  const stages = () => join(home, 'stage', readdirSync(join(home, 'stage'))[0]!)
  return {
    ...{ home, environment, environ, repository, store, spack, writeRecipe },
    install: (...words) => spack('install', ...words),
    prefix: (name) => join(folder, `${name}-1.0-${smallHash(name)}`),
    stage: (name) => join(stages(), `spack-stage-${name}-1.0-${smallHash(name)}`),
    start: (name, ...words) =>
      spawn(process.execPath, [installProgram, '-e', environment, ...words, `/${smallHash(name)}`], {
        env: environ,
        detached: true,
        stdio: 'ignore',
      }),
    leftovers: () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('.')) : []),
  }
}

function writePackage(home: string, repository: string, name: string, entry: BuiltPackage): void {
  const folder = join(repository, 'packages', name)
  const { recipe, base = 'Package', head = '', sources, files = {} } = entry
  const version = sources ? versionOf(home, name, sources) : 'version("1.0")\nhas_code = False'
  const className = `${name[0]!.toUpperCase()}${name.slice(1)}`
  const body = recipe
    .replace('VERSION', version)
    .replaceAll('DIGEST', /sha256="(\w+)"/.exec(version)?.[1] ?? '')
    .trim()
    .replace(/^(?=.)/gm, '    ')
  write(join(folder, 'package.py'), `from spack.package import *\n${head}\n\nclass ${className}(${base}):\n${body}\n`)
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text)
}

function versionOf(home: string, name: string, sources: Readonly<Record<string, string>>): string {
  const members = Object.entries(sources).flatMap(([path, text]) => {
    const mode = text.startsWith('#!') ? 0o755 : 0o644
    return tarMember({ kind: 'file', name: `${name}-1.0/${path}`, mode, content: Buffer.from(text) })
  })
  const archive = gzipSync(Buffer.concat([...members, tarEnd()]))
  const file = join(home, 'archives', `${name}-1.0.tar.gz`)
  write(file, archive)
  const sha256 = createHash('sha256').update(archive).digest('hex')
  return `url = "file://${file}"\nversion("1.0", sha256="${sha256}")`
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
