// Why an answer is as it is: each question is asked of one small world, and all that is told stands in `whys.txt`.
// `SPACKMAKE_UPDATE=1 npm test -- concretize/why` writes that anew.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { whyText } from '../../src/commands/why.ts'
import { concretizeTogether } from '../../src/concretize/concretize.ts'
import { type Why, why } from '../../src/concretize/why.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { pinnedTexts } from '../support/pinned.ts'
import { gccExternal, manifest, type RecipeLines, worldOfLines } from '../support/recipe-lines.ts'

//  app ─▶ zlib@1.2:, cmake@:3, app+plot ─▶ hdf5 ─▶ zlib@:1.2, cmake@3.20:, hdf5+mpi ─▶ mpi ◀─ openmpi, mpich
const recipes: Readonly<Record<string, RecipeLines>> = {
  app: {
    versions: '2.0 1.0',
    variants: ['+plot', '~fast'],
    depends: ['hdf5 when +plot', 'zlib@1.2:', 'cmake@:3 as build', 'c as build'],
  },
  hdf5: {
    versions: '1.14.5 1.12.3',
    variants: ['+mpi', '~shared'],
    depends: ['mpi when +mpi', 'zlib@:1.2', 'cmake@3.20: as build', 'c as build'],
    conflicts: ['+shared when @1.14'],
  },
  mpich: { versions: '4.1', provides: ['mpi'], depends: ['c as build'] },
  openmpi: { versions: '5.0', provides: ['mpi'], depends: ['c as build'] },
  zlib: { versions: '1.3 1.2 1.1' },
  cmake: { versions: '4.0 3.31 3.30 3.10', tags: ['build-tools'] },
}
const settings = `${gccExternal}  all:
    providers:
      mpi: [openmpi, mpich]
  mpich:
    require:
    - '@4:'
`

const questions = [
  ...['', 'zlib', 'cmake', 'mpi', 'gcc', 'hdf5~shared', '+plot', '%gcc'],
  ...['cmake@3.30', 'cmake@4', 'hdf5+shared', '~plot', '+fast', '@1', 'mpich', 'target=x86_64'],
  ...['hdf5@9', 'nowhere', '%gcc@14', '@1:'],
]
const isPinned = pinnedTexts(new URL('whys.txt', import.meta.url))

async function ask(question: string, ...specs: readonly string[]): Promise<{ told: Why; text: string }> {
  const { world, facts, folder } = await worldOfLines(recipes, settings)
  const requests = manifest(...specs)
  const best = concretizeTogether(world, facts, requests)
  const about = question ? parseSpec(question) : null
  const told = why({ request: requests[0]!, root: best.roots[0]!, about }, { world, facts, requests }, () => best)
  return { told, text: whyText(told).replaceAll(folder, '') }
}

for (const question of questions) {
  test(`why app ${question}`, async () => {
    isPinned(`app ${question}`.trim(), (await ask(question, 'app')).text)
  })
}

test('what one line asks for is told with its place', async () => {
  isPinned('app@1, zlib@1.2', (await ask('zlib', 'app@1', 'zlib@1.2')).text)
})

test('what is forbidden does not come back', async () => {
  const { told } = await ask('cmake', 'app')
  const [alternative] = told.reasons[0]!.alternatives
  assert.is(alternative!.isForbidden, true)
  assert.is(alternative!.outcome.kind, 'possible')
})

test.run()
