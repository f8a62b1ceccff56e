// The world that the kit's answers were found in: its recipes, its compiler, its settings.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { externalSpecs } from '../../src/concretize/externals.ts'
import { readExternals, readSettings } from '../../src/concretize/settings.ts'
import { specFacts } from '../../src/concretize/spec-facts.ts'
import {
  type CompilerFacts,
  type Package,
  type RuntimeRule,
  reusableSpecs,
  type World,
} from '../../src/concretize/world.ts'
import type { Configuration } from '../../src/config/configuration.ts'
import type { Recipe } from '../../src/recipes/recipe.ts'
import type { PackageFacts } from '../../src/spec/facts.ts'
import type { Spec } from '../../src/spec/spec.ts'
import { shared } from '../support/shared.ts'

interface RuntimeFile {
  compiler: { spec: string }
  calls: { package: string; call: string; spec: string; when: string; type?: 'build' | 'link' | 'run' }[]
  libc: { package: string; version: string }
}

const recipes = new Map<string, Map<string, string>>()

/** Other collections of cases need not bring the recipes again: they are those of the kit beside the checkout. */
function factsFolder(folder: string): string {
  const hasOwn = existsSync(join(folder, 'recipes/builtin.jsonl.gz'))
  return hasOwn || !shared ? folder : join(shared, 'conformance')
}

function kitRecipes(folder: string): Map<string, string> {
  const known = recipes.get(folder)
  if (known) return known
  const text = gunzipSync(readFileSync(join(folder, 'recipes/builtin.jsonl.gz'))).toString()
  const lines = text.split('\n').filter(Boolean)
  const byName = new Map(lines.map((line) => [/"name": ?"([^"]+)"/.exec(line)![1]!, line]))
  recipes.set(folder, byName)
  return byName
}

export function kitWorld(kitFolder: string, configuration: Configuration): { world: World; facts: PackageFacts } {
  const folder = factsFolder(kitFolder)
  const lines = kitRecipes(folder)
  const virtuals = JSON.parse(readFileSync(join(folder, 'recipes/virtuals.json'), 'utf8')) as Record<
    string,
    { providers: { provider: string; provides: string; when: string }[] }
  >
  const known = new Map<string, Package | undefined>()
  const find = (name: string): Package | undefined => {
    if (!known.has(name)) {
      const line = lines.get(name)
      known.set(name, line === undefined ? undefined : { namespace: 'builtin', recipe: JSON.parse(line) as Recipe })
    }
    return known.get(name)
  }
  const isVirtual = (name: string) => Object.hasOwn(virtuals, name)
  const providers = (name: string) => [...new Set((virtuals[name]?.providers ?? []).map(({ provider }) => provider))]
  const facts = specFacts({ package: find, isVirtual, providers })
  const host = { platform: 'linux', os: 'debian12', target: 'icelake' }
  const externals = externalSpecs(readExternals(configuration), {
    package: find,
    host,
    facts,
    completesVariants: true,
    warn: () => {},
  })
  const compilers: CompilerFacts[] = []
  const libcs: Spec[] = []
  for (const spec of externals) {
    const file = join(folder, `recipes/runtime-${spec.name}-${spec.versions[0]!.text}.json`)
    if (!existsSync(file)) continue
    const runtime = JSON.parse(readFileSync(file, 'utf8')) as RuntimeFile
    compilers.push({ spec, rules: runtime.calls.flatMap(ruleOf), flags: new Map() })
    if (!libcs.length) {
      const entry = {
        spec: `${runtime.libc.package}@=${runtime.libc.version}`,
        prefix: '/usr',
        modules: null,
        extraAttributes: {},
        requiredTarget: readExternals(configuration)[0]?.requiredTarget ?? null,
        dependencies: [],
        id: null,
        where: null,
      }
      libcs.push(...externalSpecs([entry], { package: find, host, facts, completesVariants: true, warn: () => {} }))
    }
  }
  const world: World = {
    package: find,
    isVirtual,
    providers,
    settings: readSettings(configuration, { isVirtual, providers }),
    host,
    reusable: reusableSpecs([...externals, ...libcs]),
    compilers,
    libcs,
  }
  return { world, facts }
}

function ruleOf(call: RuntimeFile['calls'][number]): RuntimeRule[] {
  const { spec, when } = call
  if (call.call === 'depends_on') return [{ kind: 'depends_on', spec, when, type: call.type! }]
  if (call.call === 'requires') return [{ kind: 'requires', package: call.package, spec, when }]
  if (call.call === 'propagate') return [{ kind: 'propagate', spec, when }]
  return []
}
