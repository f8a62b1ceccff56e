import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareSpecs, equalSpecs } from '../../src/spec/compare.ts'
import { constrain, constrained } from '../../src/spec/constrain.ts'
import type { PackageFacts } from '../../src/spec/facts.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import { intersects, satisfies } from '../../src/spec/satisfies.ts'
import { copySpec, type Spec } from '../../src/spec/spec.ts'
import { randomSpecText, seeded } from './generate.ts'

const test = suite('relations')
const random = seeded(4)
const randomSpec = (): Spec => parseSpec(randomSpecText(random))
const texts = (...specs: Spec[]): string => specs.map(printSpec).join('   ')

/** `constrained`, or null when the two exclude each other. */
function meet(a: Spec, b: Spec): Spec | null {
  try {
    return constrained(a, b)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'unsatisfiable') return null
    throw error
  }
}

test('satisfies is reflexive', () => {
  for (let i = 0; i < 1500; i++) {
    const spec = randomSpec()
    assert.ok(satisfies(spec, copySpec(spec)), texts(spec))
  }
})

test('satisfies is transitive', () => {
  for (let i = 0; i < 1500; i++) {
    const [a, b, c] = [randomSpec(), randomSpec(), randomSpec()] as const
    const ab = meet(a, b)
    const abc = ab && meet(ab, c)
    if (ab && abc && satisfies(abc, ab) && satisfies(ab, a)) assert.ok(satisfies(abc, a), texts(abc, ab, a))
  }
})

test('intersects is symmetric, and what satisfies also intersects', () => {
  for (let i = 0; i < 3000; i++) {
    const [a, b] = [randomSpec(), randomSpec()]
    assert.is(intersects(a, b), intersects(b, a), texts(a, b))
    if (satisfies(a, b)) assert.ok(intersects(a, b), texts(a, b))
  }
})

test('what is constrained satisfies both sides', () => {
  let met = 0
  for (let i = 0; i < 3000; i++) {
    const [a, b] = [randomSpec(), randomSpec()]
    const both = meet(a, b)
    if (!both) {
      continue
    }
    met++
    assert.ok(satisfies(both, a), texts(both, a, b))
    assert.ok(satisfies(both, b), texts(both, a, b))
    assert.ok(intersects(a, b), texts(a, b))
  }
  assert.ok(met > 500)
})

test('constraining says whether it changed anything, and does so only once', () => {
  for (let i = 0; i < 1500; i++) {
    const [a, b] = [randomSpec(), randomSpec()]
    const both = meet(a, b)
    if (!both) continue
    assert.not(constrain(copySpec(both), b), texts(both, b))
    assert.is(constrain(copySpec(a), b), !equalSpecs(a, both), texts(a, b, both))
  }
})

test('constraining a copy leaves the original alone', () => {
  const spec = parseSpec('a+x ^b@1')
  constrained(spec, parseSpec('a~y cflags=-g ^b@1.2+z ^c'))
  assert.is(printSpec(spec), 'a+x ^b@1')
})

test('the order is total, and equal specs are neither above nor below', () => {
  for (let i = 0; i < 2000; i++) {
    const [a, b, c] = [randomSpec(), randomSpec(), randomSpec()] as const
    assert.is(Math.sign(compareSpecs(a, b)), -Math.sign(compareSpecs(b, a)) || 0, texts(a, b))
    if (compareSpecs(a, b) <= 0 && compareSpecs(b, c) <= 0) assert.ok(compareSpecs(a, c) <= 0, texts(a, b, c))
    assert.is(compareSpecs(a, copySpec(a)), 0)
  }
})

test('a conditional dependency is asked for only where its condition can hold', () => {
  assert.ok(satisfies(parseSpec('a@1'), parseSpec("a ^[when='@2:'] b")))
  assert.not(satisfies(parseSpec('a@2'), parseSpec("a ^[when='@2:'] b")))
})

test('a direct dependency is a child, one with ^ is anywhere below', () => {
  assert.ok(satisfies(parseSpec('a %b'), parseSpec('a ^b')))
  assert.not(satisfies(parseSpec('a ^b %c'), parseSpec('a %c')))
})

/** openmpi provides mpi@3 from 1.7 on, and mpi@2 before. */
const facts: PackageFacts = {
  isVirtual: (name) => name === 'mpi',
  provides: (name) =>
    name === 'openmpi'
      ? [
          { when: parseSpec('@1.7:'), virtuals: [parseSpec('mpi@3')] },
          { when: parseSpec('@:1.6'), virtuals: [parseSpec('mpi@2')] },
        ]
      : [],
  providers: () => [{ virtual: parseSpec('mpi@3'), providers: [parseSpec('openmpi@1.7:')] }],
}

test('a provider satisfies the virtual that it provides in its version', () => {
  assert.ok(satisfies(parseSpec('openmpi@4'), parseSpec('mpi@3:'), { facts }))
  assert.not(satisfies(parseSpec('openmpi@1.4'), parseSpec('mpi@3:'), { facts }))
  assert.ok(intersects(parseSpec('openmpi'), parseSpec('mpi@2'), { facts }))
  assert.not(satisfies(parseSpec('mpich'), parseSpec('mpi'), { facts }))
})

test('without facts an edge that provides a virtual is what a bare ^virtual asks for', () => {
  assert.ok(satisfies(parseSpec('a ^mpi=openmpi'), parseSpec('a ^mpi')))
  assert.not(satisfies(parseSpec('a ^mpi=openmpi'), parseSpec('a ^mpi@3')))
  assert.not(satisfies(parseSpec('a ^openmpi'), parseSpec('a ^mpi')))
})

test('a range of targets survives a constraint on something else', () => {
  assert.is(printSpec(constrained(parseSpec('a target=zen2:'), parseSpec('a os=rhel9'))), 'a os=rhel9 target=zen2:')
})

test('a refusal names what excludes the other', () => {
  const refuse = (a: string, b: string) => () => constrain(parseSpec(a), parseSpec(b))
  assert.throws(refuse('a@1', 'a@2'), /no version of `a` is in both `@1` and `@2`/)
  assert.throws(refuse('a', 'b'), /`a` and `b` are different packages/)
  assert.throws(refuse('a+x', 'a~x'), /variant `x` cannot be both/)
  assert.throws(refuse('a target=zen2', 'a target=icelake'), /`target=zen2` and `target=icelake` exclude each other/)
  assert.throws(refuse("a %[when='+x'] b", 'a %%b'), /`b` cannot be both propagated and not by `a`/)
  assert.throws(refuse('a ^b@1', 'a ^b@2'), /the dependencies of `a` and `a` exclude each other/)
})

test.run()
