// Recipes of a few lines, for tests. A directive is a line: `libx@2: when +mpi`; a variant `+mpi`, `~shared`, `api=v18|v110`
// (the default first) or `arch=none|70|80 many`, with `sticky` and `when …` behind; a version with `!` is deprecated.

import type { Request } from '../../src/concretize/requests.ts'
import type { Recipe, RecipeVariant } from '../../src/recipes/recipe.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { Deptype } from '../../src/spec/spec.ts'
import { scratch } from './scratch.ts'
import { type SmallWorld, smallConfiguration, worldOfRecipes } from './small-world.ts'

export interface RecipeLines {
  versions?: string
  variants?: readonly string[]
  /** `cmake@3: when +shared as build`; the default types are build and link. */
  depends?: readonly string[]
  conflicts?: readonly string[]
  requires?: readonly string[]
  provides?: readonly string[]
  tags?: readonly string[]
  /** Messages of `conflicts`. */
  messages?: readonly string[]
}

/** A compiler; which languages an external one has is told by its `languages`. */
const gcc: RecipeLines = {
  versions: '14.2.0 12.2.0 4.8.5',
  variants: ['languages=c,c++|fortran many'],
  provides: ['c when languages=c', 'cxx when languages=c++', 'fortran when languages=fortran'],
  tags: ['compiler'],
}

export const gccExternal = `  gcc:
    externals:
    - spec: gcc@12.2.0 languages:='c,c++,fortran'
      prefix: /usr
`

/** The world of some recipes and gcc. `settings` are the lines below `packages:`; files are named below `folder`. */
export async function worldOfLines(
  recipes: Readonly<Record<string, RecipeLines>>,
  settings = gccExternal,
): Promise<SmallWorld & { folder: string }> {
  const folder = scratch()
  const configuration = await smallConfiguration(settings, folder)
  const whole = Object.entries({ gcc, ...recipes }).map(([name, lines]) => recipeOf(name, lines))
  const { world, facts } = worldOfRecipes(whole, configuration, 'haswell')
  const texts = (name: string) => ({ conflicts: recipes[name]?.messages ?? [] })
  return { world: { ...world, texts }, facts, configuration, folder: `${folder}/scope/` }
}

/** Requests as lines of a manifest that starts with `spack:` and `specs:`. */
export const manifest = (...specs: readonly string[]): Request[] =>
  specs.map((text, at) => ({ spec: parseSpec(text), origin: { text, where: `spack.yaml:${at + 3}` } }))

const recipeOf = (name: string, small: RecipeLines): Recipe => ({
  name,
  source: {},
  versions: (small.versions ?? '1.0')
    .split(' ')
    .filter(Boolean)
    .map((version) => ({
      version: version.replace('!', ''),
      fetch: 'none',
      ...(version.endsWith('!') ? { deprecated: true } : {}),
    })),
  variants: (small.variants ?? []).map(variantOf),
  dependencies: (small.depends ?? []).map((line) => {
    const [text, types] = splitAt(line, ' as ')
    return { ...directive(text), types: (types ? types.split(',') : ['build', 'link']) as Deptype[] }
  }),
  extends: [],
  provides: (small.provides ?? []).map(directive),
  provides_together: [],
  conflicts: (small.conflicts ?? []).map((line, at) => ({
    ...directive(line),
    has_msg: small.messages?.[at] !== undefined,
  })),
  requires: (small.requires ?? []).map((line) => {
    const { spec, when } = directive(line)
    return { specs: spec.split(' | '), policy: 'one_of', when, has_msg: false }
  }),
  patches: [],
  resources: [],
  splices: [],
  licenses: [],
  no_redistribute: [],
  recipe_hash: 'small',
  tags: small.tags ?? [],
})

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}

function directive(line: string): { spec: string; when: string } {
  const [spec, when] = splitAt(line, ' when ')
  return { spec, when }
}

function variantOf(line: string): RecipeVariant {
  const { spec, when } = directive(line)
  const [text, ...words] = spec.split(' ')
  const common = { when, precedence: 0, ...(words.includes('sticky') ? ({ sticky: true } as const) : {}) }
  if (text!.startsWith('+') || text!.startsWith('~')) {
    return { ...common, name: text!.slice(1), type: 'bool', default: text!.startsWith('+'), values: [true, false] }
  }
  const [name, values] = text!.split('=') as [string, string]
  const list = values.split('|')
  const type = words.includes('many') ? 'multi' : 'single'
  return { ...common, name, type, default: list[0]!, values: list.flatMap((value) => value.split(',')) }
}
