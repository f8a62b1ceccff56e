// `spack location`: where installed specs, environments and Spack itself are.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { spackPaths } from '../config/paths.ts'
import { namedOrDir } from '../environment/environment.ts'
import { usableRepositories } from '../recipes/configured-repositories.ts'
import { openRecipes } from '../recipes/recipes.ts'
import type { Spec } from '../spec/spec.ts'
import { stageName } from '../stage/plan-sources.ts'
import { openStageRoot, stagePath } from '../stage/stage-folder.ts'
import { SpackError } from '../ui/error.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn } from './command.ts'
import { configuration, environmentsRoot, requireEnvironment } from './configured.ts'
import { activeSpecs } from './environment-specs.ts'
import { findOne, openInstalled, specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { concreteSpecs } from './source-request.ts'
import { sourceSettings } from './stages.ts'

export const location: Command = {
  name: 'location',
  summary: 'print out locations of packages and spack directories',
  positional: '[spec | environment]',
  flags: [
    { name: 'spack-root', short: 'r', help: 'spack installation root' },
    { name: 'install-dir', short: 'i', help: 'install prefix of an installed spec' },
    { name: 'env', short: 'e', help: 'location of the named or current environment' },
    { name: 'stage-dir', short: 's', help: 'stage directory for a spec' },
    { name: 'source-dir', short: 'c', help: 'source directory for a spec (requires it to be staged first)' },
    { name: 'build-dir', short: 'b', help: 'directory in which a spec is built (requires it to be staged first)' },
    { name: 'stages', short: 'S', help: 'top level stage directory' },
    { name: 'package-dir', short: 'p', help: "directory enclosing a spec's package.py file" },
    {
      name: 'repo',
      aliases: ['packages'],
      short: 'P',
      help: 'package repository root (of the one named, or of the first configured)',
    },
    { name: 'first', help: 'use the first match if multiple packages match the spec' },
  ],
  run: async (invocation, args) => {
    invocation.print(`${await locate(invocation, args)}\n`)
    return 0
  },
}

/** What can be located, by flag. */
const places: Readonly<Record<string, (invocation: Invocation, args: Arguments) => Promise<string>>> = {
  'spack-root': async ({ environ }) => spackPaths(environ).root,
  env: locateEnvironment,
  'install-dir': locatePrefix,
  stages: async (invocation) => openStageRoot((await sourceSettings(invocation)).roots),
  'stage-dir': async (invocation, args) => (await locateStage(invocation, args)).path,
  'source-dir': locateSources,
  'build-dir': locateBuild,
  'package-dir': locatePackage,
  repo: locateRepository,
}

async function locate(invocation: Invocation, args: Arguments): Promise<string> {
  const names = Object.keys(places)
  const asked = names.filter((name) => flagOn(args, name))
  if (asked.length !== 1) {
    throw new SpackError(
      'usage',
      `say what is to be located by one of ${names.map((name) => `\`--${name}\``).join(', ')}`,
      {
        exitCode: 2,
      },
    )
  }
  return await places[asked[0]!]!(invocation, args)
}

async function locateEnvironment(invocation: Invocation, args: Arguments): Promise<string> {
  const [name] = args.positional
  if (name === undefined) return (await requireEnvironment(invocation, 'spack location -e')).dir
  return (await namedOrDir(name, invocation.cwd, () => environmentsRoot(invocation))).dir
}

/** The path that the stage of a spec has or would have. */
async function locateStage(invocation: Invocation, args: Arguments): Promise<{ path: string; spec: Spec }> {
  const words = [...args.positional, ...args.rest]
  const [spec, ...more] = await concreteSpecs(invocation, words)
  if (!spec || more.length) throw onlyOneSpec(spec !== undefined)
  const settings = await sourceSettings(invocation)
  return { path: stagePath({ stageRoots: settings.roots, stageName: stageName(spec, settings) }), spec }
}

/** Only the recipe knows where its build system works. */
async function locateBuild(invocation: Invocation, args: Arguments): Promise<string> {
  await locateSources(invocation, args)
  const { spec } = await locateStage(invocation, args)
  const { buildEnvironment } = await import('./build-environment.ts')
  return (await buildEnvironment(invocation, spec, { dirty: false })).build_directory
}

async function locateSources(invocation: Invocation, args: Arguments): Promise<string> {
  const { path, spec } = await locateStage(invocation, args)
  const developed = spec.variants.get('dev_path')?.values[0]
  const sources = typeof developed === 'string' ? developed : join(path, 'spack-src')
  if (existsSync(sources)) return sources
  throw new SpackError('not-staged', `the sources of \`${spec.name}\` are not staged: there is no \`${sources}\``, {
    hint: `run \`spack stage /${spec.concrete!.hash.slice(0, 7)}\``,
  })
}

async function locatePackage(invocation: Invocation, args: Arguments): Promise<string> {
  const [asked, ...more] = specArguments(args)
  if (!asked?.name || more.length) throw onlyOneSpec(asked?.name !== undefined)
  const { environ, say } = invocation
  const recipes = await openRecipes(await configuration(invocation), { environ, say })
  try {
    return recipes.require(asked.name, asked.namespace).folder
  } finally {
    recipes.close()
  }
}

async function locateRepository(invocation: Invocation, args: Arguments): Promise<string> {
  const repositories = await usableRepositories(await configuration(invocation))
  const [namespace] = args.positional
  const found = namespace === undefined ? repositories[0] : repositories.find((each) => each.namespace === namespace)
  if (found) return found.root
  throw new SpackError('repository', `no such repository: \`${namespace}\``, { hint: 'see `spack repo list`' })
}

const onlyOneSpec = (isAny: boolean): SpackError =>
  new SpackError('usage', isAny ? 'too many specs; give only one' : 'give the spec to be located', { exitCode: 2 })

async function locatePrefix(invocation: Invocation, args: Arguments): Promise<string> {
  const [asked, ...more] = specArguments(args)
  if (!asked || more.length) throw onlyOneSpec(asked !== undefined)
  const environment = await activeSpecs(invocation)
  const { installed } = await openInstalled(invocation, [asked])
  const { spec, record } = findOne(installed, asked, { hashes: environment?.hashes }, { first: flagOn(args, 'first') })
  if (record.path !== null) return record.path
  throw new SpackError('no-prefix', `the external \`${spec.name}\` has no prefix: it is used by loading modules`)
}
