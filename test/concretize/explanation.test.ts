// What is said when there is no answer: each case is a world of a few recipes, settings, and lines of a manifest; all that
// is printed stands in `explanations.txt`. `SPACKMAKE_UPDATE=1 npm test -- concretize/explanation` writes that anew.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { concretizeOrExplain, concretizeTogether } from '../../src/concretize/concretize.ts'
import { renderError, SpackError } from '../../src/ui/error.ts'
import { pinnedTexts } from '../support/pinned.ts'
import { gccExternal, manifest, type RecipeLines, worldOfLines } from '../support/recipe-lines.ts'

interface Case {
  says: string
  specs: readonly string[]
  recipes?: Readonly<Record<string, RecipeLines>>
  /** Below `packages:`, after gcc. */
  settings?: string
  /** In place of gcc. */
  compilers?: string
}

//  app ─▶ zlib@1.3:        hdf5 ─▶ zlib-api ◀─ zlib, zlib-ng+compat
//  app+plot ─▶ hdf5~mpi    hdf5+mpi ─▶ mpi ◀─ mpich (Fortran), openmpi
const common: Readonly<Record<string, RecipeLines>> = {
  app: { versions: '2.0 1.0', variants: ['+plot'], depends: ['hdf5~mpi when +plot', 'zlib@1.3:'] },
  hdf5: {
    versions: '1.14.5 1.12.3 1.8.0!',
    variants: ['+mpi', '~shared', 'api=default|v18|v110', '~map when @1.14:'],
    depends: ['mpi when +mpi', 'zlib-api', 'c as build'],
  },
  mpich: { versions: '4.1 3.4', provides: ['mpi@:3 when @3:', 'mpi@:4 when @4:'], depends: ['fortran as build'] },
  openmpi: { versions: '5.0 4.1', provides: ['mpi'] },
  zlib: { versions: '1.3 1.2', provides: ['zlib-api'] },
  'zlib-ng': { versions: '2.1', variants: ['+compat'], provides: ['zlib-api when +compat'] },
  lonely: {},
}
const oldZlib = `  zlib:
    buildable: false
    externals:
    - spec: zlib@1.2
      prefix: /usr
`

const cases: readonly Case[] = [
  { says: 'requests of one package exclude each other', specs: ['hdf5+mpi', 'hdf5~mpi'] },
  { says: 'a recipe and a request exclude each other', specs: ['app+plot', 'lonely', 'hdf5+mpi'] },
  { says: 'a recipe needs another version', specs: ['app ^zlib@1.2'] },
  { says: 'no such version', specs: ['hdf5@9.9'] },
  {
    says: 'a recipe without versions',
    specs: ['tool'],
    recipes: { tool: { depends: ['found as build'] }, found: { versions: '' } },
  },
  { says: 'only a deprecated version', specs: ['hdf5@1.8'] },
  { says: 'no such variant', specs: ['hdf5+sharde'] },
  { says: 'no such value', specs: ['hdf5 api=v19'] },
  { says: 'a sign in front of a variant with values', specs: ['hdf5+api'] },
  { says: 'no such package', specs: ['hdf6'] },
  { says: 'no such package below', specs: ['hdf5 ^zlibb'] },
  { says: 'a recipe depends on what there is not', specs: ['a'], recipes: { a: { depends: ['nowhere'] } } },
  { says: 'no possible dependency', specs: ['hdf5 ^lonely'] },
  { says: 'a dependency only under a condition', specs: ['hdf5~mpi ^mpich'] },
  { says: 'a variant only under a condition', specs: ['hdf5@1.12+map'] },
  { says: 'a package that does not provide as it is asked for', specs: ['hdf5 ^zlib-ng~compat'] },
  { says: 'two providers', specs: ['hdf5 ^mpich ^openmpi'] },
  {
    says: 'a provider of a lower version',
    specs: ['tool ^mpich@3'],
    recipes: { tool: { depends: ['mpi@4'] } },
  },
  { says: 'no such compiler', specs: ['hdf5 %gcc@14'] },
  {
    says: 'a compiler without a language',
    specs: ['hdf5 ^mpich'],
    compilers: gccExternal.replace(',fortran', ''),
  },
  { says: 'no compiler', specs: ['hdf5'], compilers: '' },
  {
    says: 'two compilers, where one serves all',
    specs: ['user %c=llvm ^part %c=gcc'],
    recipes: {
      llvm: { versions: '15', provides: ['c', 'cxx'] },
      user: { depends: ['part', 'c as build'] },
      part: { variants: ['~gui'], depends: ['viewer when +gui', 'c as build'] },
      viewer: { depends: ['c'] },
    },
    compilers: `${gccExternal}  llvm:\n    externals: [{spec: llvm@15, prefix: /llvm}]\n`,
  },
  { says: 'a target of other machines', specs: ['zlib target=zen4'] },
  { says: 'a target that nobody knows', specs: ['zlib target=zen33'] },
  {
    says: 'a target that the compiler does not know',
    specs: ['hdf5~mpi target=haswell'],
    compilers: gccExternal.replace('12.2.0', '4.6.0'),
  },
  { says: 'a preferred version that there is not', specs: ['app'], settings: '  zlib: {version: ["1.4"]}\n' },
  { says: 'no provider may be built', specs: ['hdf5+mpi'], settings: '  mpi:\n    buildable: false\n' },
  { says: 'the provider may not be built', specs: ['hdf5 ^mpich'], settings: '  mpich:\n    buildable: false\n' },
  { says: 'an external is not as asked for', specs: ['app ^zlib@1.3'], settings: oldZlib },
  { says: 'an external is not as a recipe needs it', specs: ['app'], settings: oldZlib },
  {
    says: 'requirements against a conflict',
    specs: ['tool'],
    recipes: {
      tool: {
        variants: ['~gpu', '~old'],
        conflicts: ['+gpu when +old'],
        messages: ['no GPU code in\n  the old mode'],
      },
    },
    settings: '  tool:\n    require:\n    - +gpu\n    - +old\n',
  },
  { says: 'a requirement against a request', specs: ['hdf5@1.14'], settings: '  hdf5:\n    require: "@1.12"\n' },
  {
    says: 'a requirement with a message',
    specs: ['hdf5@1.14'],
    settings:
      '  hdf5:\n    require:\n    - one_of: ["@1.12", "~mpi"]\n      when: "@1.14"\n      message: rule of the site\n    - +mpi\n',
  },
  { says: 'a requirement on a virtual', specs: ['hdf5 ^openmpi'], settings: '  mpi:\n    require: mpich\n' },
  { says: 'a requirement that nothing meets', specs: ['hdf5'], settings: '  hdf5:\n    require: "@9"\n' },
  { says: 'a conflict of the settings', specs: ['hdf5+shared'], settings: '  hdf5:\n    conflict: ["+shared"]\n' },
  {
    says: 'a request closes a cycle',
    specs: ['a ^end+x'],
    recipes: { a: { depends: ['b'] }, b: { depends: ['end'] }, end: { depends: ['a when +x'], variants: ['~x'] } },
  },
  { says: 'recipes in a cycle', specs: ['a'], recipes: { a: { depends: ['b'] }, b: { depends: ['a'] } } },
  { says: 'a recipe that depends on itself', specs: ['a'], recipes: { a: { depends: ['a'] } } },
  {
    says: 'a sticky variant',
    specs: ['a'],
    recipes: { a: { variants: ['~x sticky'], conflicts: ['~x'], messages: ['x cannot be missed'] } },
  },
  {
    says: 'what a recipe requires of itself',
    specs: ['a~x+y'],
    recipes: { a: { variants: ['~x', '+y'], requires: ['+x when +y'] } },
  },
  {
    says: 'what a recipe requires of a dependency',
    specs: ['a ^b@1'],
    recipes: { a: { depends: ['b'], requires: ['^b@2'] }, b: { versions: '2 1' } },
  },
]

const isPinned = pinnedTexts(new URL('explanations.txt', import.meta.url))

const worldOf = ({ recipes, settings = '', compilers = gccExternal }: Case) =>
  worldOfLines(recipes ? { ...common, ...recipes } : common, compilers + settings)

for (const each of cases) {
  test(each.says, async () => {
    const { world, facts, folder } = await worldOf(each)
    let text = 'solved'
    try {
      concretizeTogether(world, facts, manifest(...each.specs))
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      text = renderError(error).replaceAll(folder, '')
    }
    isPinned(each.says, text)
  })
}

test('what is said is the same each time', async () => {
  for (const each of cases.slice(0, 6)) {
    const { world, facts } = await worldOf(each)
    const answer = () => JSON.stringify(concretizeOrExplain(world, facts, manifest(...each.specs)))
    assert.is(answer(), answer())
  }
})

test('without any of the lines that are named there is an answer', async () => {
  const lines = ['app+plot', 'lonely', 'hdf5+mpi']
  const { world, facts } = await worldOf({ says: '', specs: [] })
  const answer = concretizeOrExplain(world, facts, manifest(...lines))
  assert.is(answer.kind, 'unsatisfiable')
  if (answer.kind !== 'unsatisfiable') return
  const named = answer.explanation.statements.flatMap(({ role, where }) => (role === 'request' ? [where] : []))
  assert.equal(named, ['spack.yaml:3', 'spack.yaml:5'])
  for (const left of named) {
    const kept = manifest(...lines).filter(({ origin }) => origin.where !== left)
    assert.is(concretizeOrExplain(world, facts, kept).kind, 'solved')
  }
})

test('a sticky variant of a root may be set by what is further below another root', async () => {
  // a stays ~x and conflicts with that; above ─▶ between@1 ─▶ a+x
  const { world, facts } = await worldOf({
    says: '',
    specs: [],
    recipes: {
      a: { variants: ['~x sticky'], conflicts: ['~x'] },
      above: { depends: ['between'] },
      between: { depends: ['a+x when @1'], versions: '2 1' },
    },
  })
  const outcome = (...lines: string[]) => concretizeOrExplain(world, facts, manifest(...lines)).kind
  assert.equal(
    [outcome('a', 'above'), outcome('a'), outcome('a', 'lonely'), outcome('a', 'above ^between@2')],
    ['solved', 'unsatisfiable', 'unsatisfiable', 'unsatisfiable'],
  )
})

test.run()
