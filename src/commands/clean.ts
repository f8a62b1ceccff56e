// `spack clean`: what was made on the way and can be made again.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { guestFolder } from '../program.ts'
import { configuredRepositories } from '../recipes/configured-repositories.ts'
import { printSpec } from '../spec/print.ts'
import { stageName } from '../stage/plan-sources.ts'
import { purgeStages, removeStage } from '../stage/purge-stages.ts'
import { openStore } from '../store/configured-store.ts'
import type { Command } from './command.ts'
import { flagOn } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { concreteSpecs } from './source-request.ts'
import { sourceSettings } from './stages.ts'

interface Cleaning {
  flag: string
  short: string
  help: string
  /** Said before it is done. */
  message: (invocation: Invocation) => Promise<string> | string
  clean: (invocation: Invocation) => Promise<void>
}

/** In the order in which they are done. */
const cleanings: readonly Cleaning[] = [
  {
    flag: 'stage',
    short: 's',
    help: 'remove all temporary build stages (default)',
    message: () => 'Removing all temporary build stages',
    clean: cleanStages,
  },
  {
    flag: 'downloads',
    short: 'd',
    help: 'remove cached downloads',
    message: () => 'Removing cached downloads',
    clean: async (invocation) => removeAll([(await sourceSettings(invocation)).cache]),
  },
  {
    flag: 'failures',
    short: 'f',
    help: 'force removal of all install failure tracking markers',
    message: () => 'Removing install failure marks',
    clean: async (invocation) => {
      const { databaseDir } = openStore(await configuration(invocation))
      removeContents(join(databaseDir, 'failures'))
    },
  },
  {
    flag: 'misc-cache',
    short: 'm',
    help: 'remove long-lived caches, like the index of recipes',
    message: () => 'Removing cached information on repositories',
    clean: async (invocation) => {
      const settings = await configuration(invocation)
      const { userCache } = settings.paths
      removeAll([settings.path('config:misc_cache') ?? join(userCache, 'cache'), join(userCache, 'recipes')])
    },
  },
  {
    flag: 'python-cache',
    short: 'p',
    help: 'remove .pyc, .pyo files and __pycache__ folders',
    message: () => 'Removing python cache files',
    clean: async (invocation) => {
      const configured = await configuredRepositories(await configuration(invocation))
      const roots = configured.flatMap((each) => (each.kind === 'ready' ? [each.repository.root] : []))
      for (const folder of [guestFolder(), ...roots]) removePythonCaches(folder)
    },
  },
  {
    flag: 'bootstrap',
    short: 'b',
    help: 'remove software and configuration needed to bootstrap Spack',
    message: async (invocation) =>
      `Removing bootstrapped software and configuration in "${await bootstrapRoot(invocation)}"`,
    clean: async (invocation) => removeContents(await bootstrapRoot(invocation)),
  },
]

export const clean: Command = {
  name: 'clean',
  summary: 'remove temporary build files and/or downloaded archives',
  positional: '[spec ...]',
  flags: [
    ...cleanings.map(({ flag, short, help }) => ({ name: flag, short, help })),
    { name: 'all', short: 'a', help: `equivalent to -${cleanings.map(({ short }) => short).join('')}` },
  ],
  run: async (invocation, args) => {
    const words = [...args.positional, ...args.rest]
    const isAll = flagOn(args, 'all')
    const asked = cleanings.filter(({ flag }) => isAll || flagOn(args, flag))
    if (words.length > 0) await cleanSpecs(invocation, words)
    const chosen = asked.length === 0 && words.length === 0 ? cleanings.slice(0, 1) : asked
    for (const cleaning of chosen) {
      invocation.say(`==> ${await cleaning.message(invocation)}\n`)
      await cleaning.clean(invocation)
    }
    return 0
  },
}

async function cleanSpecs(invocation: Invocation, words: readonly string[]): Promise<void> {
  const specs = await concreteSpecs(invocation, words)
  const settings = await sourceSettings(invocation)
  const world = await purgeWorld(invocation)
  for (const spec of specs) {
    invocation.say(`==> Cleaning build stage [${printSpec(spec)}]\n`)
    for (const root of settings.roots) if (existsSync(root)) removeStage(root, stageName(spec, settings), world)
  }
}

const purgeWorld = async (invocation: Invocation) => ({
  warn: (line: string) => invocation.say(`==> Warning: ${line}\n`),
  useLocks: (await configuration(invocation)).get('config:locks') !== false,
})

async function cleanStages(invocation: Invocation): Promise<void> {
  const { roots } = await sourceSettings(invocation)
  const world = await purgeWorld(invocation)
  for (const root of roots) if (existsSync(root)) purgeStages(root, world)
}

async function bootstrapRoot(invocation: Invocation): Promise<string> {
  const settings = await configuration(invocation)
  return settings.path('bootstrap:root') ?? join(settings.paths.userCache, 'bootstrap')
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true })
}

function removeContents(folder: string): void {
  if (existsSync(folder)) removeAll(readdirSync(folder).map((name) => join(folder, name)))
}

function removePythonCaches(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name === '__pycache__') rmSync(path, { recursive: true, force: true })
    else if (entry.isDirectory()) removePythonCaches(path)
    else if (/\.py[co]$/.test(entry.name)) rmSync(path)
  }
}
