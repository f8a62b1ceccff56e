// A user's world in a scratch folder: a store, a trusted key, an environment with a lockfile and a mirror, and `spack`
// and `make` run in it.

import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isolated, type Outcome, type RunOptions, runProgram, runSpack } from './program.ts'
import { scratch } from './scratch.ts'

export interface World {
  home: string
  /** The environment's folder. */
  folder: string
  store: string
  env: NodeJS.ProcessEnv
  spack: (...args: string[]) => Outcome
  make: (...args: string[]) => Outcome
  /** Starts make and leaves it running, in a process group of its own. */
  startMake: (...args: string[]) => ChildProcess
}

export interface WorldOptions {
  lockfile: string
  mirror: string
  keyFile?: string
  /** Lines added to the manifest, below `spack:`. */
  manifest?: string
  /** What stands in the mirror's entry besides its URL. */
  mirrorSettings?: string
  /** Parent of the scratch folder, where a path must be short. */
  base?: string
  run?: RunOptions
}

/** Makes the world; the key in `keyFile`, if any, is trusted, and the depfile written to `Makefile`. */
export function makeWorld(options: WorldOptions): World {
  const home = scratch(options.base)
  const folder = join(home, 'env')
  const store = join(home, 'store')
  mkdirSync(folder)
  mkdirSync(join(home, 'user-config'))
  writeFileSync(join(home, 'user-config/config.yaml'), `config:\n  install_tree:\n    root: ${store}\n`)
  copyFileSync(options.lockfile, join(folder, 'spack.lock'))
  const mirror = `  mirrors:\n    tiny:\n      url: ${options.mirror}\n${options.mirrorSettings ?? ''}`
  writeFileSync(join(folder, 'spack.yaml'), `spack:\n  specs: []\n  view: false\n${mirror}${options.manifest ?? ''}`)
  const env = { ...isolated(home), ...options.run?.env }
  const world: World = {
    home,
    folder,
    store,
    env,
    spack: (...args) => runSpack(args, { ...options.run, env, cwd: folder }),
    make: (...args) => runProgram('make', args, { ...options.run, env, cwd: folder }),
    startMake: (...args) =>
      spawn('make', args, { env, cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
  }
  if (options.keyFile && existsSync(options.keyFile)) expectSuccess(world.spack('gpg', 'trust', options.keyFile))
  return world
}

/** Passes an outcome on, or throws with all that the program said. */
export function expectSuccess(outcome: Outcome): Outcome {
  if (outcome.code !== 0) throw new Error(`exit code ${outcome.code}\n${outcome.stdout}${outcome.stderr}`)
  return outcome
}
