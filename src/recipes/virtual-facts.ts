// What relations between specs ask of packages, where only virtuals matter: plain values, so the repositories may be closed.

import type { PackageFacts, ProvidedBy, Provision } from '../spec/facts.ts'
import { parseSpec } from '../spec/parser.ts'
import type { Provider, Virtual } from './virtuals.ts'

/** The facts of all virtuals and their providers. */
export function virtualFacts(virtuals: ReadonlyMap<string, Virtual>): PackageFacts {
  const rows = new Map<string, Map<string, Provider>>()
  for (const { providers } of virtuals.values()) {
    for (const row of providers) {
      const own = rows.get(row.provider) ?? new Map<string, Provider>()
      rows.set(row.provider, own.set(`${row.provides}\n${row.when}`, row))
    }
  }
  const known = new Map<string, readonly Provision[]>()
  const provides = (name: string): readonly Provision[] => {
    const found = known.get(name) ?? [...(rows.get(name)?.values() ?? [])].map(provisionOf)
    known.set(name, found)
    return found
  }
  return {
    isVirtual: (name) => virtuals.has(name),
    provides,
    providers: (virtual) => (virtuals.get(virtual)?.providers ?? []).map(providedBy),
  }
}

const provisionOf = ({ provides, when }: Provider): Provision => ({
  when: parseSpec(when),
  virtuals: [parseSpec(provides)],
})

const providedBy = ({ provider, provides, when }: Provider): ProvidedBy => ({
  virtual: parseSpec(provides),
  providers: [{ ...parseSpec(when), name: provider }],
})
