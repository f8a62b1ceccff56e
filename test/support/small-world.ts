// A world for concretizing that is data: a few recipes, settings as they stand in `packages.yaml`, and a machine.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { externalSpecs } from '../../src/concretize/externals.ts'
import { readExternals, readSettings } from '../../src/concretize/settings.ts'
import { specFacts } from '../../src/concretize/spec-facts.ts'
import { type Package, reusableSpecs, type World } from '../../src/concretize/world.ts'
import { type Configuration, loadConfiguration } from '../../src/config/configuration.ts'
import type { Recipe, RecipeVariant } from '../../src/recipes/recipe.ts'
import type { PackageFacts } from '../../src/spec/facts.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { Deptype } from '../../src/spec/spec.ts'
import { isolated } from './program.ts'
import { scratch } from './scratch.ts'

export interface SmallRecipe {
  versions?: readonly string[]
  /** By name: a default, or values of which the first is the default. */
  variants?: Readonly<Record<string, SmallVariant>>
  /** Linked and built with, unless deptypes say otherwise. */
  depends?: readonly (readonly [spec: string, when?: string, types?: readonly Deptype[]])[]
  conflicts?: readonly (readonly [spec: string, when?: string])[]
  provides?: readonly string[]
  tags?: readonly string[]
}
/** Of `several` more than one value may be chosen. */
export type SmallVariant = boolean | readonly string[] | { several: readonly string[] }
export type SmallRecipes = Readonly<Record<string, SmallRecipe>>

export interface SmallWorld {
  world: World
  facts: PackageFacts
  configuration: Configuration
}

/** A compiler, as an external of each version that `gccs` names. */
export const gcc: SmallRecipe = {
  versions: ['13.1', '12.1', '11.1'],
  provides: ['c', 'cxx'],
  tags: ['compiler', 'build-tools'],
}
export const gccs = (...versions: readonly string[]): string =>
  `  gcc:\n    externals:\n${versions.map((version) => `    - {spec: gcc@${version}, prefix: /usr/${version}}\n`).join('')}`

/** Makes the world; `settings` are the lines below `packages:`. */
export async function smallWorld(recipes: SmallRecipes, settings = ''): Promise<SmallWorld> {
  const configuration = await smallConfiguration(settings)
  return { ...worldOf(recipes, configuration), configuration }
}

/** A configuration in a folder of its own. */
export async function smallConfiguration(settings: string, dir = scratch()): Promise<Configuration> {
  const folder = join(dir, 'scope')
  mkdirSync(folder)
  if (settings) writeFileSync(join(folder, 'packages.yaml'), `packages:\n${settings}`)
  return await loadConfiguration({
    environ: isolated(dir),
    cwd: dir,
    commandScopes: [{ name: 'small', level: 'custom', kind: 'folder', path: folder, isWritable: false }],
  })
}

export const worldOf = (recipes: SmallRecipes, configuration: Configuration): { world: World; facts: PackageFacts } =>
  worldOfRecipes(
    Object.entries(recipes).map(([name, recipe]) => wholeRecipe(name, recipe)),
    configuration,
  )

export function worldOfRecipes(
  recipes: readonly Recipe[],
  configuration: Configuration,
  target = 'x86_64',
): { world: World; facts: PackageFacts } {
  const packages = new Map(recipes.map((recipe): [string, Package] => [recipe.name, { namespace: 'small', recipe }]))
  const providers = (virtual: string): string[] =>
    recipes
      .filter(({ provides }) => provides.some(({ spec }) => parseSpec(spec).name === virtual))
      .map(({ name }) => name)
  const names = {
    package: (name: string) => packages.get(name),
    names: () => packages.keys(),
    isVirtual: (name: string) => providers(name).length > 0,
    providers,
  }
  const host = { platform: 'linux', os: 'debian12', target }
  const facts = specFacts(names)
  const externals = externalSpecs(readExternals(configuration), {
    ...names,
    ...{ host, facts, completesVariants: true, warn: () => {} },
  })
  const isCompiler = (name: string | null) => (packages.get(name!)!.recipe.tags as string[]).includes('compiler')
  const world: World = {
    ...names,
    host,
    settings: readSettings(configuration, names),
    reusable: reusableSpecs(externals),
    compilers: externals.filter(({ name }) => isCompiler(name)).map((spec) => ({ spec, rules: [], flags: new Map() })),
    libcs: [],
  }
  return { world, facts }
}

function wholeRecipe(name: string, recipe: SmallRecipe): Recipe {
  const { versions = ['1.0'], variants = {}, depends = [], conflicts = [], provides = [], tags = [] } = recipe
  return {
    name,
    source: {},
    versions: versions.map((version) => ({ version, fetch: 'url' as const, sha256: `${name}${version}` })),
    variants: Object.entries(variants).map(([variant, value]) => wholeVariant(variant, value)),
    dependencies: depends.map(([spec, when = '', types = ['build', 'link'] as const]) => ({ spec, when, types })),
    extends: [],
    provides: provides.map((spec) => ({ spec, when: '' })),
    provides_together: [],
    conflicts: conflicts.map(([spec, when = '']) => ({ spec, when, has_msg: false })),
    requires: [],
    patches: [],
    resources: [],
    splices: [],
    licenses: [],
    no_redistribute: [],
    recipe_hash: `recipe of ${name}`,
    tags,
  }
}

function wholeVariant(name: string, variant: SmallVariant): RecipeVariant {
  const row = { name, when: '', precedence: 0 }
  if (typeof variant === 'boolean') return { ...row, type: 'bool', default: variant, values: [true, false] }
  if ('several' in variant) return { ...row, type: 'multi', default: variant.several[0]!, values: variant.several }
  return { ...row, type: 'single', default: variant[0]!, values: variant }
}
