// An environment of four small packages with a build cache, and `spack install` in it.
//
//     app ──▶ mid ──▶ lib       app and side are the roots
//     side ─▶ lib

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isolated, type Outcome, runSpack } from './program.ts'
import { scratch } from './scratch.ts'
import { makeTinyCache, type TinyCache } from './tiny-cache.ts'

const packages = [
  { name: 'lib' },
  { name: 'mid', dependencies: ['lib'] },
  { name: 'app', dependencies: ['mid'] },
  { name: 'side', dependencies: ['lib'] },
]
/** Of all packages, sorted. */
export const packageNames = packages.map(({ name }) => name).sort()

export interface InstallWorld {
  cache: TinyCache
  environment: string
  environ: NodeJS.ProcessEnv
  store: string
  spack: (...words: string[]) => Outcome
  install: (...words: string[]) => Outcome
  installed: () => string[]
  /** Takes a package out of the cache. */
  spoil: (name: string) => void
}

export async function makeInstallWorld(specs = ['app', 'side'], folder = 'environment'): Promise<InstallWorld> {
  const home = scratch()
  const cache = await makeTinyCache(join(home, 'cache'), packages, undefined)
  const environment = join(home, folder)
  mkdirSync(environment)
  writeFileSync(join(environment, 'spack.lock'), readFileSync(cache.lockfile))
  const manifest = { specs, mirrors: { tiny: { url: cache.mirror, signed: false } }, view: false }
  writeFileSync(join(environment, 'spack.yaml'), JSON.stringify({ spack: manifest }))
  const environ = { ...isolated(home), TMPDIR: join(home, 'tmp') }
  mkdirSync(environ.TMPDIR)
  const store = join(home, 'spack/opt/spack')
  const spack = (...words: string[]) => runSpack(['-e', environment, ...words], { env: environ })
  return {
    cache,
    environment,
    environ,
    store,
    spack,
    install: (...words) => spack('install', ...words),
    installed: () => {
      const folder = join(store, 'linux-x86_64')
      return existsSync(folder)
        ? readdirSync(folder)
            .map((name) => name.split('-')[0]!)
            .sort()
        : []
    },
    spoil: (name) => rmSync(join(cache.mirror, 'v3/manifests/spec', name), { recursive: true }),
  }
}

export const prefixIn = (w: InstallWorld, name: string): string =>
  join(w.store, 'linux-x86_64', `${name}-1.0-${w.cache.hashOf(name)}`)
