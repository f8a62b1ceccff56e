// The measures of the budgets table: each gives one or more lines, with its budget beside the figure.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installProgram, isolated, runProgram, spackProgram } from '../support/program.ts'
import { scratch, shortScratch } from '../support/scratch.ts'
import { kit, shared } from '../support/shared.ts'
import { type Figure, measure, type Run } from './measure.ts'

export interface Benchmark {
  name: string
  /** Why it cannot be measured here, if so. */
  unavailable?: () => string | undefined
  run: () => string[] | Promise<string[]>
}

const node = process.execPath
const needsKit = () => (shared ? undefined : 'the conformance kit is not beside the checkout')
const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`
const spread = (figure: Figure): string =>
  `${milliseconds(figure.medianS)} (${milliseconds(figure.minS)}–${milliseconds(figure.maxS)})`

/** A start of Node that does nothing: what any program of ours costs at least. */
const bareStart = (): Figure => measure({ command: [node, '-e', '0'], runs: 15 })

function againstStart(name: string, command: readonly string[], budget: string, run: Partial<Run> = {}): string[] {
  const figure = measure({ command, runs: 15, ...run })
  const ratio = figure.medianS / bareStart().medianS
  return [`${name}: ${spread(figure)}, ${ratio.toFixed(2)}× node -e 0 (budget ${budget})`]
}

/** An environment of the kit in a scratch world whose store root is short enough for its binaries. */
function kitEnvironment(name: string) {
  const home = scratch()
  const folder = join(home, 'e')
  const storeRoot = shortScratch()
  mkdirSync(folder)
  for (const file of ['spack.yaml', 'spack.lock']) {
    const text = readFileSync(kit('buildcache', name, file), 'utf8')
    writeFileSync(join(folder, file), text.replaceAll('/work-mirror', kit('buildcache')))
  }
  const env = isolated(home)
  mkdirSync(join(home, 'user-config'))
  writeFileSync(join(home, 'user-config/config.yaml'), `config:\n  install_tree:\n    root: ${storeRoot}\n`)
  const spack = (...args: string[]) => {
    const done = runProgram(node, [spackProgram, ...args], { env, cwd: folder })
    if (done.code !== 0) throw new Error(`spack ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  spack('gpg', 'trust', kit('buildcache', 'key.pub'))
  return { home, folder, storeRoot, env, spack }
}

function installFromCache(): string[] {
  const world = kitEnvironment('v3-env')
  world.spack('-e', '.', 'env', 'depfile', '-o', 'Makefile', '--use-buildcache', 'only')
  const stamps = () => world.spack('-e', '.', 'env', 'depfile', '-o', 'Makefile', '--use-buildcache', 'only')
  const make = { command: ['make', '-j2'], cwd: world.folder, env: world.env }
  const forgetStamps = () => void runProgram('make', ['clean'], { cwd: world.folder, env: world.env })
  const forgetAll = () => {
    forgetStamps()
    rmSync(world.storeRoot, { recursive: true, force: true })
  }
  stamps()
  const tar = measure({ command: ['sh', '-c', tarScript(world.home)], runs: 7 })
  const cold = measure({ ...make, before: forgetAll, runs: 7 })
  const installed = measure({ ...make, before: forgetStamps, runs: 9 })
  const stamped = measure({ ...make, runs: 9 })
  return [
    `install v3-env, make -j2: ${spread(cold)}, ${(cold.medianS / tar.medianS).toFixed(2)}× tar -xzf two at a time (${spread(tar)}) (budget 800 ms where tar takes 370 ms: 2.16×)`,
    `  peak memory of a process: ${cold.peakMiB.toFixed(0)} MiB (budget 80)`,
    `all installed, no stamps: ${spread(installed)} (budget 150 ms)`,
    `all installed, with stamps: ${spread(stamped)} (nothing runs)`,
  ]
}

/** Unpacks the archives of the cache, two at a time, into one folder. */
function tarScript(home: string): string {
  const target = join(home, 'tar')
  const blobs = kit('buildcache', 'v3', 'blobs', 'sha256')
  const isArchive = (path: string) => runProgram('tar', ['-tzf', path]).code === 0
  const files = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('/'))
  const list = join(home, 'archives')
  writeFileSync(
    list,
    files
      .map((path) => join(blobs, path))
      .filter(isArchive)
      .join('\n'),
  )
  return `rm -rf ${target}; mkdir ${target}; xargs -P2 -n1 tar -C ${target} -xzf < ${list}`
}

function depfileOfLargeLock(): string[] {
  const home = scratch()
  const folder = join(home, 'e')
  mkdirSync(folder)
  cpSync(kit('depfile', 'large', 'spack.lock'), join(folder, 'spack.lock'))
  writeFileSync(join(folder, 'spack.yaml'), 'spack:\n  specs: []\n')
  const env = isolated(home)
  const options = { cwd: folder, env, runs: 9 }
  const depfile = measure({ command: [node, spackProgram, '-e', '.', 'env', 'depfile', '-o', 'Makefile'], ...options })
  const make = measure({ command: ['make', '-n'], ...options })
  return [`depfile of 800 nodes: ${spread(depfile)} (budget 150 ms)`, `make -n on it: ${spread(make)} (budget 300 ms)`]
}

async function parseSpecs(): Promise<string[]> {
  const { parseSpec } = await import('../../src/spec/parser.ts')
  const texts = [
    'zlib',
    'hdf5@1.14:+mpi~shared',
    'petsc@3.20 +hypre ^openmpi@4:',
    'gcc@12.2.0 languages:=c,cxx target=zen3',
  ]
  const count = 200_000
  for (let i = 0; i < 20_000; i++) parseSpec(texts[i % texts.length]!)
  const startMs = performance.now()
  for (let i = 0; i < count; i++) parseSpec(texts[i % texts.length]!)
  const perSecond = count / ((performance.now() - startMs) / 1000)
  return [`parse specs: ${Math.round(perSecond).toLocaleString('en')} a second (budget 100,000)`]
}

export const benchmarks: readonly Benchmark[] = [
  { name: 'start', run: () => againstStart('spack --version', [node, spackProgram, '--version'], '1.5×') },
  { name: 'parse', run: parseSpecs },
  { name: 'depfile', unavailable: needsKit, run: depfileOfLargeLock },
  { name: 'install', unavailable: needsKit, run: installFromCache },
  { name: 'nothing-to-do', unavailable: needsKit, run: nothingToDo },
  { name: 'concretize', unavailable: needsKit, run: async () => (await import('./concretizer.ts')).solveGoldens() },
  {
    name: 'environment',
    unavailable: needsKit,
    run: async () => (await import('./environment.ts')).solveEnvironments(),
  },
  { name: 'solver', unavailable: needsKit, run: async () => (await import('./concretizer.ts')).replayProblems() },
]

function nothingToDo(): string[] {
  const world = kitEnvironment('v3-env')
  world.spack('-e', '.', 'env', 'depfile', '-o', 'Makefile', '--use-buildcache', 'only')
  runProgram('make', ['-j2'], { cwd: world.folder, env: world.env })
  const lock: { concrete_specs: Record<string, { name: string }> } = JSON.parse(
    readFileSync(join(world.folder, 'spack.lock'), 'utf8'),
  )
  const hash = Object.keys(lock.concrete_specs).find((key) => lock.concrete_specs[key]!.name === 'bzip2')
  const command = [node, installProgram, '-e', world.folder, `/${hash}`]
  return againstStart('install.js, nothing to do', command, '1.3×', { env: world.env })
}
