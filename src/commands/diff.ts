// `spack diff`: what is different between two concrete specs, with all that they depend on.

import { paintAs } from '../spec/colour.ts'
import { formatSpec } from '../spec/format.ts'
import { printJson } from '../spec/json.ts'
import type { Spec } from '../spec/spec.ts'
import { type SpecFact, specFacts } from '../spec/spec-facts.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, type Command, flagList, flagOn } from './command.ts'
import { knownSpecs, onlyMatch, readSpecWords } from './concrete-matches.ts'
import type { Invocation } from './invocation.ts'

export const diff: Command = {
  name: 'diff',
  summary: 'compare two specs',
  positional: 'spec spec',
  flags: [
    { name: 'json', help: 'dump json output instead of pretty printing' },
    { name: 'first', help: 'load the first match if multiple packages match the spec' },
    {
      name: 'attribute',
      short: 'a',
      kind: 'list',
      value: 'ATTRIBUTE',
      help: 'select the attributes to show (defaults to all)',
    },
    { name: 'ignore', kind: 'list', value: 'PACKAGE', help: 'omit diffs related to these dependencies' },
  ],
  run: async (invocation, args) => {
    const asked = await readSpecWords(invocation, [...args.positional, ...args.rest])
    if (asked.length !== 2) throw new SpackError('usage', 'you must provide two specs to diff', { exitCode: 2 })
    const matches = await knownSpecs(invocation, asked)
    const [a, b] = asked.map((spec) => onlyMatch(spec, matches(spec), { first: flagOn(args, 'first') })) as [Spec, Spec]
    const ignore = new Set(flagList(args, 'ignore'))
    const difference = compareFacts(specFacts(a, { ignore }), specFacts(b, { ignore }))
    const names = [a, b].map((spec) => formatSpec(spec, '{name}{@version}{/hash}')) as [string, string]
    if (flagOn(args, 'json')) invocation.print(`${jsonOf(difference, names)}\n`)
    else invocation.print(textOf(difference, names, invocation, args))
    return 0
  },
}

interface Difference {
  both: readonly SpecFact[]
  onlyFirst: readonly SpecFact[]
  onlySecond: readonly SpecFact[]
}

function compareFacts(first: readonly SpecFact[], second: readonly SpecFact[]): Difference {
  const key = (fact: SpecFact) => fact.join('\0')
  const [inFirst, inSecond] = [new Set(first.map(key)), new Set(second.map(key))]
  return {
    both: first.filter((fact) => inSecond.has(key(fact))),
    onlyFirst: first.filter((fact) => !inSecond.has(key(fact))),
    onlySecond: second.filter((fact) => !inFirst.has(key(fact))),
  }
}

const partsOf = ([, ...parts]: SpecFact): string => parts.join(' ')

function jsonOf({ both, onlyFirst, onlySecond }: Difference, [a, b]: readonly [string, string]): string {
  const pairs = (facts: readonly SpecFact[]) => facts.map((fact) => [fact[0], partsOf(fact)])
  return printJson({
    intersect: pairs(both),
    a_not_b: pairs(onlyFirst),
    b_not_a: pairs(onlySecond),
    a_name: a,
    b_name: b,
  })
}

/** Facts of one kind under a heading, what went and what came side by side. */
function textOf(
  { onlyFirst, onlySecond }: Difference,
  [a, b]: readonly [string, string],
  invocation: Invocation,
  args: Arguments,
): string {
  const paint = (colour: string, text: string) => `${invocation.stdoutHasColour ? paintAs(colour, text) : text}\n`
  const heading = paint('R', `--- ${a}`) + paint('G', `+++ ${b}`)
  if (onlyFirst.length + onlySecond.length === 0) return `${heading}No differences\n\n`
  const [gone, come] = [groupFacts(onlyFirst), groupFacts(onlySecond)]
  const kinds = [...new Set([...come.keys(), ...gone.keys()])]
  const chosen = chooseKinds(kinds, flagList(args, 'attribute'), invocation)
  const sections = chosen.map((kind) => {
    const [minus, plus] = [gone.get(kind) ?? [], come.get(kind) ?? []]
    const rows = Array.from({ length: Math.max(minus.length, plus.length) }, (_, i) => [
      ...(minus[i] === undefined ? [] : [paint('R', `-  ${minus[i]}`)]),
      ...(plus[i] === undefined ? [] : [paint('G', `+  ${plus[i]}`)]),
    ])
    return paint('*b', `@@ ${kind} @@`) + rows.flat().join('')
  })
  return heading + sections.join('')
}

function groupFacts(facts: readonly SpecFact[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const fact of facts) groups.set(fact[0], [...(groups.get(fact[0]) ?? []), partsOf(fact)])
  for (const group of groups.values()) group.sort()
  return groups
}

/** All names of facts that Spack has. */
const knownKinds =
  'compatible_runtime depends_on external hash namespace needs_libc node node_flag node_os node_platform node_target package_hash variant_value version virtual_node virtual_on_edge virtual_on_incoming_edges'.split(
    ' ',
  )

function chooseKinds(kinds: readonly string[], wanted: readonly string[], invocation: Invocation): readonly string[] {
  if (wanted.length === 0 || wanted.includes('all')) return kinds
  for (const name of wanted.filter((each) => !knownKinds.includes(each))) {
    const hint = didYouMean(name, knownKinds) ?? `there are ${knownKinds.join(', ')}`
    invocation.say(`==> Warning: there is no attribute \`${name}\`; ${hint}\n`)
  }
  return kinds.filter((kind) => wanted.includes(kind))
}
