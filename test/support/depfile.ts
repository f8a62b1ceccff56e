// A world for depfiles: a small graph, its text, and a stand-in for the installer that logs what it was asked for.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CachePolicies, reachableGraph } from '../../src/depfile/graph.ts'
import { makefileText } from '../../src/depfile/makefile.ts'
import { targetNames } from '../../src/depfile/names.ts'
import { depfileRules } from '../../src/depfile/rules.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { type Outcome, runProgram } from './program.ts'

/** GNU Makes to try: those of SPACKMAKE_MAKES (a list of paths with `:` between them), else the one in PATH. */
export const makePrograms: readonly string[] = process.env.SPACKMAKE_MAKES?.split(':').filter(Boolean) ?? ['make']

/** What each spec needs, by name: `app` needs `lib`. A name that starts with `ext` is an external. */
export type Needs = Readonly<Record<string, readonly string[]>>

/**
 * app ──▶ mid ──▶ lib ──▶ ext-libc        app and side are the roots
 *  └────▶ lib      └────▶ tool
 * side ─▶ tool
 */
export const smallNeeds: Needs = {
  app: ['mid', 'lib'],
  mid: ['lib'],
  lib: ['ext-libc', 'tool'],
  side: ['tool'],
  tool: [],
  'ext-libc': [],
}

export const hashOf = (name: string): DagHash => name.replace(/[^a-z2-7]/g, 'x').padEnd(32, 'a') as DagHash
export const idOf = (name: string): string => `${name}-1.0-${hashOf(name)}`

export function nodesOf(needs: Needs): Map<DagHash, SpecNode> {
  return new Map(
    Object.entries(needs).map(([name, children]) => [
      hashOf(name),
      {
        name,
        version: '1.0',
        ...(name.startsWith('ext') ? { external: { path: '/usr', module: null, extra_attributes: {} } } : {}),
        dependencies: children.map((child) => ({
          name: child,
          hash: hashOf(child),
          parameters: { deptypes: child.startsWith('tool') ? ['build'] : ['link'], virtuals: [] },
        })),
      },
    ]),
  )
}

export interface WorldOptions {
  /** Parent of everything; names with odd characters go here. */
  dir: string
  roots: readonly string[]
  prefix?: string
  policies?: CachePolicies
  store?: string
  environment?: string
  jobserver?: boolean
  /** Path of the program that the depfile belongs to. */
  spack?: string
  /** Text of the spec of each node. */
  spec?: (name: string) => string
}

const template = readFileSync(new URL('../../templates/depfile.mk', import.meta.url), 'utf8')

/** The text of a depfile for a small graph. Prefixes are STORE/HASH. */
export function depfileText(needs: Needs, options: WorldOptions): string {
  const nodes = nodesOf(needs)
  const environment = options.environment ?? join(options.dir, 'environment')
  const graph = reachableGraph(
    nodes,
    options.roots.map(hashOf),
    options.policies ?? { package: 'auto', dependencies: 'auto' },
  )
  const names = targetNames(environment, options.prefix)
  const storeRoot = options.store ?? join(options.dir, 'store')
  return makefileText(graph, depfileRules(graph, names), names, {
    template,
    environmentDir: environment,
    storeRoot,
    jobserver: options.jobserver ?? true,
    overview: true,
    specText: (hash) => {
      const node = nodes.get(hash)!
      const prefix = node.external ? node.external.path : join(storeRoot, hash)
      return { spec: options.spec?.(node.name) ?? `${node.name}@1.0+shared`, prefix }
    },
    programs: {
      node: process.execPath,
      spack: options.spack ?? '/nowhere/spack.js',
      install: '/nowhere/install.js',
      concretizeWorker: '/nowhere/concretize-worker.js',
    },
  })
}

export const standIn = fileURLToPath(new URL('./installer-stand-in.sh', import.meta.url))

export interface World {
  dir: string
  store: string
  environment: string
  /** Runs make in the folder; logs go to `log`. */
  make: (args?: readonly string[], env?: NodeJS.ProcessEnv) => Outcome
  /** Starts make with the same environment and does not wait. */
  start: (args?: readonly string[], env?: NodeJS.ProcessEnv) => ChildProcess
  /** Names of the specs that the stand-in was started for since the last look, sorted; `finish` for `--finish`. */
  started: () => string[]
}

/** Puts the text into `Makefile` and gives a stand-in for the installer, which makes STORE/HASH/.spack/spec.json. */
export function makeWorld(makefile: string, options: WorldOptions, program = 'make'): World {
  const environment = options.environment ?? join(options.dir, 'environment')
  const store = options.store ?? join(options.dir, 'store')
  const log = join(options.dir, 'log')
  const file = join(options.dir, 'Makefile')
  for (const folder of [dirname(file), environment, store]) mkdirSync(folder, { recursive: true })
  writeFileSync(file, makefile)
  chmodSync(standIn, 0o755)
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MAKE|MFLAGS|SPACK|NODE_EXTRA)/.test(name))
  const base = {
    ...Object.fromEntries(inherited),
    ...{ STAND_IN_LOG: log, STAND_IN_STORE: store, SPACK_INSTALL: standIn },
    // A first bash whose input is a socket takes itself for a remote one and reads its start-up files.
    SHLVL: '2',
  }
  return {
    dir: options.dir,
    store,
    environment,
    make: (args = [], env = {}) => runProgram(program, args, { cwd: options.dir, env: { ...base, ...env } }),
    start: (args = [], env = {}) =>
      spawn(program, args, { cwd: options.dir, env: { ...base, ...env }, stdio: ['ignore', 'ignore', 'pipe'] }),
    started: () => {
      if (!existsSync(log)) return []
      const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean)
      rmSync(log)
      return lines.map((line) => line.replace(/^\//, '').replace(/a+$/, '')).sort()
    },
  }
}
