// spec/speclist: definitions and lists of specs (`speclist.json`).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { holdsCondition } from '../../src/config/condition.ts'
import { readYaml } from '../../src/config/yaml-reader.ts'
import { expandItems } from '../../src/environment/matrix.ts'
import { type ListItem, readDefinitions, readSpecList } from '../../src/environment/spec-list.ts'
import type { DeclaredVariant, VariantFacts } from '../../src/spec/declared-variants.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import { satisfies } from '../../src/spec/satisfies.ts'
import { SpackError } from '../../src/ui/error.ts'
import type { Tally } from './tally.ts'

interface Context {
  platform: string
  os: string
  target: string
  hostname: string
  env: Record<string, string>
}

interface Case {
  id: number
  context: Context
  definitions: unknown[]
  specs: unknown[]
  ok: boolean
  definitions_expanded?: unknown
  constraints?: string[][]
  expanded?: string[]
}

interface KitPackage {
  name: string
  variants: (Omit<DeclaredVariant, 'when' | 'kind'> & { when: string; type: DeclaredVariant['kind'] })[]
}

export function run(folder: string, tally: Tally): void {
  const { cases, package_variants } = JSON.parse(readFileSync(join(folder, 'spec/speclist.json'), 'utf8')) as {
    cases: Case[]
    package_variants: KitPackage[]
  }
  const variants = variantFacts(package_variants)
  for (const one of cases) {
    const { definitions_expanded, constraints, expanded } = one
    tally.check(`case ${one.id}`, one.ok ? { definitions_expanded, constraints, expanded } : 'refused', () => {
      try {
        return expand(one, variants)
      } catch (error) {
        if (!one.ok && error instanceof SpackError) return 'refused'
        throw error
      }
    })
  }
}

function expand({ context, definitions, specs }: Case, variants: VariantFacts) {
  // The cases were YAML; JSON is YAML whose scalars are quoted.
  const document = (value: unknown) => readYaml(JSON.stringify(value), 'spack.yaml')
  const host = parseSpec(`platform=${context.platform} os=${context.os} target=${context.target}`)
  const world = { ...context, environ: context.env, satisfies: (text: string) => satisfies(host, parseSpec(text)) }
  const named = readDefinitions(document(definitions), (condition) => holdsCondition(condition, world))
  const listed = expandItems(readSpecList(document(specs), named), { parse: parseSpec, variants })
  return {
    definitions_expanded: Object.fromEntries([...named].map(([name, items]) => [name, items.map(plainItem)])),
    constraints: listed.map((each) => each.constraints.map(printSpec)),
    expanded: listed.map(({ spec }) => printSpec(spec)),
  }
}

function plainItem(item: ListItem): unknown {
  if (item.kind === 'spec') return item.text
  const { rows, exclude, sigil } = item
  return {
    matrix: rows.map((row) => row.map(plainItem)),
    ...(exclude.length ? { exclude } : {}),
    ...(sigil ? { sigil } : {}),
  }
}

function variantFacts(packages: readonly KitPackage[]): VariantFacts {
  const declared = new Map(
    packages.map(({ name, variants }) => [
      name,
      variants.map(({ type, when, ...variant }) => ({ ...variant, kind: type, when: when ? parseSpec(when) : null })),
    ]),
  )
  return (name) => declared.get(name)
}
