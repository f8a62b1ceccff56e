// spec/relations: satisfies, intersects, constrain and order over pairs of specs (`relations.json`).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareSpecs, equalSpecs } from '../../src/spec/compare.ts'
import { constrain } from '../../src/spec/constrain.ts'
import type { PackageFacts } from '../../src/spec/facts.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import { intersects, satisfies } from '../../src/spec/satisfies.ts'
import { copySpec, type Spec } from '../../src/spec/spec.ts'
import { findDependency } from '../../src/spec/traverse-edges.ts'
import { isError } from './expected.ts'
import { type SpecReference, specReader } from './kit-specs.ts'
import type { Tally } from './tally.ts'

interface Constrained {
  ok: boolean
  changed?: boolean
  result?: string
  concrete?: string
  target_lost?: true
}

interface Pair {
  a: SpecReference
  b: SpecReference
  node_only?: Record<string, unknown>
  constrain_a_by_b: Constrained | null
  constrain_b_by_a: Constrained | null
  [question: string]: unknown
}

interface Vectors {
  pairs: Pair[]
  ordering: { input: string[]; sorted: string[] }[]
}

export function run(folder: string, tally: Tally): void {
  const vectors = JSON.parse(readFileSync(join(folder, 'spec/relations.json'), 'utf8')) as Vectors
  const facts = readFacts(folder)
  const read = specReader(folder)
  for (const pair of vectors.pairs) checkPair(pair, facts, read, tally)
  for (const { input, sorted } of vectors.ordering) {
    tally.check(`ordering ${input.join(' | ')}`, sorted, () =>
      input
        .map((text) => parseSpec(text))
        .sort(compareSpecs)
        .map(printSpec),
    )
  }
}

function checkPair(pair: Pair, facts: PackageFacts, read: (reference: SpecReference) => Spec, tally: Tally): void {
  const answers = (options: { facts: PackageFacts; nodeOnly?: boolean }): Record<string, () => unknown> => ({
    a_satisfies_b: () => satisfies(read(pair.a), read(pair.b), options),
    b_satisfies_a: () => satisfies(read(pair.b), read(pair.a), options),
    intersects: () => intersects(read(pair.a), read(pair.b), options),
  })
  const name = (reference: SpecReference) =>
    typeof reference === 'string' ? reference : `${reference.dag}/${reference.hash}`
  const whole = answers({ facts })
  const node = answers({ facts, nodeOnly: true })
  const expected: Record<string, unknown> = {}
  const actual: Record<string, unknown> = {}
  const compare = (question: string, value: unknown, answer: () => unknown) => {
    if (isLookup(value) && pair.a === pair.b) {
      // A git reference that nobody looked up equals itself here; the reference refuses to compare it.
      tally.leftOut++
      return
    }
    expected[question] = isError(value) ? refused : value
    actual[question] = orRefused(answer)
  }
  for (const [question, answer] of Object.entries(whole)) compare(question, pair[question], answer)
  for (const [question, answer] of Object.entries(node)) {
    compare(`node_only.${question}`, (pair.node_only ?? pair)[question], answer)
  }
  compare('equal', pair.equal, () => equalSpecs(read(pair.a), read(pair.b)))
  compare('a_contains_b', pair.a_contains_b, () => contains(read(pair.a), read(pair.b), facts))
  const constraints = [
    ['constrain_a_by_b', pair.a, pair.b],
    ['constrain_b_by_a', pair.b, pair.a],
  ] as const
  for (const [question, one, other] of constraints) {
    const value = pair[question]
    if (value?.target_lost) {
      // A fault of the reference: it drops a range of targets where the other side has an architecture without one.
      tally.leftOut++
    } else if (value) {
      compare(question, value, () => describeConstrained(read(one), read(other), facts))
    }
  }
  tally.check(`${name(pair.a)} | ${name(pair.b)}`, expected, () => actual)
}

const refused = { ok: false }

const isLookup = (value: unknown): boolean => isError(value) && value.error_class === 'VersionLookupError'

function orRefused(answer: () => unknown): unknown {
  try {
    return answer()
  } catch {
    return refused
  }
}

function describeConstrained(one: Spec, other: Spec, facts: PackageFacts): Constrained {
  const spec = copySpec(one)
  const changed = constrain(spec, other, { facts })
  const described = { ok: true, changed, result: printSpec(spec) }
  return spec.concrete ? { ...described, concrete: spec.concrete.hash } : described
}

/** `b in a`: the root satisfies it, or the dependency of its name. */
function contains(a: Spec, b: Spec, facts: PackageFacts): boolean {
  const node = !b.name || b.name === a.name ? a : findDependency(a, b.name)
  return node !== null && satisfies(node, b, { facts })
}

interface RepositoryFacts {
  virtual_names: string[]
  packages: { name: string; provides: { when: string; virtuals: string[] }[] }[]
  providers: { name: string; providers: { provides: string; by: string[] }[] }[]
}

function readFacts(folder: string): PackageFacts {
  const text = readFileSync(join(folder, 'spec/repo-facts.json'), 'utf8')
  const { virtual_names, packages, providers } = JSON.parse(text) as RepositoryFacts
  const virtuals = new Set(virtual_names)
  const parseAll = (texts: readonly string[]) => texts.map((each) => parseSpec(each))
  const provided = new Map(
    packages.map(({ name, provides }) => [
      name,
      provides.map((each) => ({ when: parseSpec(each.when), virtuals: parseAll(each.virtuals) })),
    ]),
  )
  const supply = new Map(
    providers.map((row) => [
      row.name,
      row.providers.map(({ provides, by }) => ({ virtual: parseSpec(provides), providers: parseAll(by) })),
    ]),
  )
  return {
    isVirtual: (name) => virtuals.has(name),
    provides: (name) => provided.get(name) ?? [],
    providers: (virtual) => supply.get(virtual) ?? [],
  }
}
