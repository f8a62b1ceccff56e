import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readYaml } from '../../src/config/yaml-reader.ts'
import { expandItems } from '../../src/environment/matrix.ts'
import { readDefinitions, readSpecList } from '../../src/environment/spec-list.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import type { SpackError } from '../../src/ui/error.ts'

const test = suite('spec-list')

/** Expands `specs` of a manifest's text; conditions hold when they are `yes`. */
function expand(text: string): string[] {
  const root = readYaml(text, 'spack.yaml')
  const member = (name: string) => (root?.kind === 'map' ? root.entries.get(name)?.value : undefined)
  const definitions = readDefinitions(member('definitions'), (condition) => condition === 'yes')
  return expandItems(readSpecList(member('specs'), definitions), { parse: parseSpec }).map(({ spec }) =>
    printSpec(spec),
  )
}

function refusal(text: string): SpackError {
  try {
    expand(text)
  } catch (error) {
    return error as SpackError
  }
  throw new Error('it was accepted')
}

test('references put lists in place of items, with sigils if asked', () => {
  const text = `
definitions:
- mpis: [mpich, openmpi@4]
- tools: [cmake, $mpis]
specs: [$tools, $^mpis, $%mpis]
`
  assert.equal(expand(text), ['cmake', 'mpich', 'openmpi@4', '^mpich', '^openmpi@4', '%mpich', '%openmpi@4'])
})

test('parts of a list are joined where their conditions hold', () => {
  const text = `
definitions:
- a: [one]
- a: [two]
  when: "no"
- a: [three]
  when: "yes"
- b: [four]
  when: "no"
specs: [$a, $b]
`
  assert.equal(expand(text), ['one', 'three'])
})

test('a matrix stands for all combinations but those that are excluded', () => {
  const text = `
specs:
- matrix: [[zlib, bzip2], [+pic, ~pic], ['%gcc']]
  exclude: [bzip2~pic]
- matrix:
  - [tcl]
  - []
`
  assert.equal(expand(text), ['zlib+pic %gcc', 'zlib~pic %gcc', 'bzip2+pic %gcc'])
})

const faults: [name: string, text: string, where: string, message: RegExp][] = [
  ['a list that is not there', 'specs:\n- zlib\n- $libs', 'spack.yaml:3', /no list `libs`/],
  ['a list that is defined later', 'definitions:\n- a: [$b]\n- b: []\nspecs: []', 'spack.yaml:2', /no list `b`/],
  ['a list in itself', 'definitions:\n- a: [$a]\nspecs: []', 'spack.yaml:2', /no list `a`/],
  ['two names', 'definitions:\n- a: []\n  b: []\nspecs: []', 'spack.yaml:2', /one name, got `a`, `b`/],
  ['no name', 'definitions:\n- when: x\nspecs: []', 'spack.yaml:2', /got only `when`/],
  ['an empty condition', 'definitions:\n- a: []\n  when: ""\nspecs: []', 'spack.yaml:3', /condition of `a` is empty/],
  ['a matrix without rows', 'specs:\n- zlib\n- matrix: []', 'spack.yaml:3', /at least one row/],
  ['an unknown key', 'specs:\n- matrix: [[a]]\n  exclud: [b]', 'spack.yaml:2', /no `exclud`/],
  ['a spec that cannot be read', 'specs:\n- a\n- b@@1', 'spack.yaml:3', /./],
  ['parts that exclude each other', 'specs:\n- matrix: [[a@1], ["@2"]]', 'spack.yaml:2', /./],
  ['a matrix out of proportion', `specs:\n- matrix: [${'[a, b, c, d], '.repeat(12)}]`, 'spack.yaml:2', /combinations/],
]
for (const [name, text, where, message] of faults) {
  test(`refused with file and line: ${name}`, () => {
    const error = refusal(text)
    assert.is(error.where, where)
    assert.match(error.message, message)
  })
}

test('a misspelled list gets a suggestion', () => {
  assert.is(refusal('definitions:\n- libs: [zlib]\nspecs: [$lib]').hint, 'did you mean `libs`?')
})

test.run()
