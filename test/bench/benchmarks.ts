// The measures of the budgets table: each gives one or more lines, with its budget beside the figure.

import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isolated, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kit, shared } from '../support/shared.ts'
import { installFromCache, nothingToDo } from './install.ts'
import { measure, measureInTurn, ratio, spread } from './measure.ts'

export interface Benchmark {
  name: string
  /** Why it cannot be measured here, if so. */
  unavailable?: () => string | undefined
  run: () => string[] | Promise<string[]>
}

const node = process.execPath
const needsKit = () => (shared ? undefined : 'the conformance kit is not beside the checkout')
function startOfSpack(): string[] {
  const [start, bare] = measureInTurn(
    [{ command: [node, spackProgram, '--version'] }, { command: [node, '-e', '0'] }],
    15,
  )
  return [`spack --version: ${spread(start!)}, ${ratio(start!, bare!)}× node -e 0 (budget 1.5×)`]
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
  { name: 'start', run: startOfSpack },
  { name: 'parse', run: parseSpecs },
  { name: 'depfile', unavailable: needsKit, run: depfileOfLargeLock },
  { name: 'install', unavailable: needsKit, run: installFromCache },
  { name: 'nothing-to-do', unavailable: needsKit, run: nothingToDo },
  { name: 'concretize', unavailable: needsKit, run: async () => (await import('./concretizer.ts')).solveGoldens() },
  { name: 'refusals', unavailable: needsKit, run: async () => (await import('./refusals.ts')).explainColdly() },
  { name: 'reuse', unavailable: needsKit, run: async () => (await import('./reuse.ts')).chooseAmongMany() },
  {
    name: 'environment',
    unavailable: needsKit,
    run: async () => (await import('./environment.ts')).solveEnvironments(),
  },
  { name: 'solver', unavailable: needsKit, run: async () => (await import('./concretizer.ts')).replayProblems() },
]
