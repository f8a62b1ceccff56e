// The compilers that a solve may use, and what using them means for a node: rules of their recipes, and those that hold for
// all: the wrapper around a compiler, and the C library that it links with.

import type { Libc } from '../detection/libc.ts'
import type { RuntimeCall } from '../recipes/runtime-constraints.ts'
import { type JsonObject, objectEntries } from '../spec/json.ts'
import type { Spec } from '../spec/spec.ts'
import { versionOf } from './externals.ts'
import type { CompilerFacts, RuntimeRule } from './world.ts'

const languages = ['c', 'cxx', 'fortran']

/** A compiler with its rules. Without a C library (on systems other than Linux) there is no rule about one. */
export function compilerFacts(
  spec: Spec,
  calls: readonly RuntimeCall[],
  libc: Pick<Libc, 'name' | 'version'> | null,
): CompilerFacts {
  return { spec, rules: [...calls.map(ruleOf), ...genericRules(spec, libc)], flags: flagsOf(spec) }
}

function ruleOf(call: RuntimeCall): RuntimeRule {
  const { spec, when } = call
  switch (call.call) {
    case 'depends_on':
      return { kind: 'depends_on', spec, when, type: call.type }
    case 'requires':
      return { kind: 'requires', package: call.package, spec, when }
    case 'propagate':
      return { kind: 'propagate', spec, when }
  }
}

function genericRules({ name, concrete }: Spec, libc: Pick<Libc, 'name' | 'version'> | null): RuntimeRule[] {
  const wrapper = languages.map((language): RuntimeRule => {
    const when = `%[deptypes=build virtuals=${language}] ${name}`
    return { kind: 'depends_on', spec: 'compiler-wrapper', when, type: 'build' }
  })
  if (!libc) return wrapper
  const when = `%[deptypes=build] ${name}`
  const own = `${when} /${concrete!.hash}`
  return [
    ...wrapper,
    { kind: 'depends_on', spec: 'libc', when, type: 'link' },
    { kind: 'depends_on', spec: `${libc.name}@=${libc.version}`, when: own, type: 'link' },
  ]
}

/** Flags that an external brings along: `extra_attributes:flags`. */
function flagsOf({ concrete }: Spec): Map<string, string> {
  const attributes = concrete!.external ? objectEntries(concrete!.external.extraAttributes) : []
  const flags = attributes.find(([name]) => name === 'flags')?.[1]
  if (typeof flags !== 'object' || flags === null || Array.isArray(flags)) return new Map()
  return new Map(objectEntries(flags as JsonObject).map(([kind, value]) => [kind, String(value)]))
}

/** The C library that a concrete compiler was linked with: its own, or that of the nearest below it. */
export function linkedLibc(compiler: Spec): Pick<Libc, 'name' | 'version'> | null {
  const seen = new Set([compiler])
  for (const { edges } of seen) {
    const libc = edges.find(({ virtuals }) => virtuals.includes('libc'))?.child
    if (libc) return { name: libc.name as Libc['name'], version: versionOf(libc).text }
    for (const { child } of edges) seen.add(child)
  }
  return null
}
