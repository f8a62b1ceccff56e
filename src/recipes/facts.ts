// From the declarations of a recipe to its facts: conditions merged, specs in canonical form, dependencies of one name
// under one condition joined.

import { compareSpecs, equalSpecs } from '../spec/compare.ts'
import { constrained } from '../spec/constrain.ts'
import { printSpec } from '../spec/print.ts'
import { intersects, satisfies } from '../spec/satisfies.ts'
import type { Deptype } from '../spec/spec.ts'
import { compareTexts } from '../spec/text-order.ts'
import { SpackError } from '../ui/error.ts'
import { canonicalText, conditionText, specOf } from './constraint-text.ts'
import type { Declarations, DeclaredDependency, DeclaredPatch, DeclaredVariant } from './declaration.ts'
import { recipeTexts, type Said } from './description.ts'
import type { Recipe, RecipeDependency, RecipePatch, RecipeTexts, RecipeVariant } from './recipe.ts'
import { describeVersions, inOrder } from './version-fetch.ts'

type Grouped<Entry> = Map<string, Entry>

const deptypeOrder: readonly Deptype[] = ['build', 'link', 'run', 'test']

/**
 * The facts of a recipe, and what it says to people. Throws SpackError `recipe` when declarations cannot mean anything.
 */
export function recipeFacts(declared: Declarations): { facts: Recipe; texts: RecipeTexts } {
  const said: Said = new Map()
  const collected = collect(declared, said)
  const { attributes } = declared
  const { build_system_class, default_build_system, tags, virtual, detect, compiler, ...others } = attributes
  const facts = withoutAbsent({
    name: declared.name,
    virtual: virtual || undefined,
    build_system_class,
    default_build_system: default_build_system ?? undefined,
    inherits: declared.inherits.length ? declared.inherits : undefined,
    tags,
    ...others,
    source: declared.source,
    versions: describeVersions(declared),
    variants: variantList(collected.variants),
    dependencies: inGroups(collected.dependencies),
    extends: [...collected.extends.values()],
    provides: inGroups(collected.provides, (a, b) => compareSpecs(specOf(a.spec), specOf(b.spec))),
    provides_together: inGroups(collected.providesTogether),
    conflicts: inGroups(collected.conflicts),
    requires: inGroups(collected.requires),
    patches: inGroups(collected.patches),
    resources: inGroups(collected.resources),
    splices: [...collected.splices.values()],
    licenses: [...collected.licenses.values()],
    no_redistribute: [...collected.noRedistribute.values()],
    detect: detect ?? undefined,
    compiler: compiler ?? undefined,
    recipe_hash: declared.recipe_hash,
    host_inputs: declared.host_inputs.length ? declared.host_inputs : undefined,
  }) as Recipe
  return { facts, texts: recipeTexts(declared, facts, said) }
}

function withoutAbsent(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

/** Lists by condition, conditions in order of first appearance. */
type Groups<Entry> = Map<string, Entry[]>

function addTo<Entry extends { when: string }>(groups: Groups<Entry>, entry: Entry): void {
  const group = groups.get(entry.when)
  if (group) group.push(entry)
  else groups.set(entry.when, [entry])
}

function inGroups<Entry>(groups: Groups<Entry>, order?: (a: Entry, b: Entry) => number): Entry[] {
  const lists = [...groups.values()]
  return lists.flatMap((list) => (order ? [...list].sort(order) : list))
}

function collect(declared: Declarations, said: Said) {
  const collected = {
    variants: new Map<string, Grouped<RecipeVariant>>(),
    dependencies: new Map() as Groups<RecipeDependency>,
    extends: new Map<string, Recipe['extends'][number]>(),
    provides: new Map() as Groups<Recipe['provides'][number]>,
    providesTogether: new Map() as Groups<Recipe['provides_together'][number]>,
    conflicts: new Map() as Groups<Recipe['conflicts'][number]>,
    requires: new Map() as Groups<Recipe['requires'][number]>,
    patches: new Map() as Groups<RecipePatch>,
    resources: new Map() as Groups<Recipe['resources'][number] & { when: string }>,
    splices: new Map<string, Recipe['splices'][number]>(),
    licenses: new Map<string, Recipe['licenses'][number]>(),
    noRedistribute: new Map<string, Recipe['no_redistribute'][number]>(),
  }
  const numbering = { next: 0 }
  const patchOf = (when: string, patch: DeclaredPatch) => recipePatch(declared.name, when, patch, numbering)
  const spellings = new Map<string, ReturnType<typeof conditionSpellings>>()
  const firstSpelling = (directive: string, text: string): string => {
    const kind = directive === 'extends' ? 'depends_on' : directive
    const known = spellings.get(kind) ?? conditionSpellings()
    spellings.set(kind, known)
    return known(text)
  }
  for (const [name, conditions, given] of declared.directives) {
    const written = conditions === null ? neverHolds : conditionText(conditions)
    const when = firstSpelling(name, written)
    if (name === 'variant') {
      said.set(addVariant(collected.variants, when, given), given.description)
      continue
    }
    if (conditions === null) continue
    switch (name) {
      case 'depends_on':
        addDependency(collected.dependencies, declared.name, when, given, patchOf)
        break
      case 'extends': {
        const spec = canonicalText(given.spec)
        const extended = addDependency(collected.dependencies, declared.name, when, given, patchOf)
        if (extended === 'python' && declared.name !== 'python-venv') {
          const venv: DeclaredDependency = { spec: 'python-venv', types: ['build', 'run'] }
          addDependency(collected.dependencies, declared.name, when, venv, patchOf)
        }
        collected.extends.set(extended, { spec, when: written })
        break
      }
      case 'patch':
        addTo(collected.patches, patchOf(when, given))
        break
      case 'conflicts': {
        const conflict = { spec: canonicalText(given.spec), when, has_msg: given.has_msg }
        addTo(collected.conflicts, conflict)
        said.set(conflict, given.msg)
        break
      }
      case 'requires': {
        const { policy, has_msg } = given
        const requirement = { specs: given.specs.map(canonicalText), policy, when, has_msg }
        addTo(collected.requires, requirement)
        said.set(requirement, given.msg)
        break
      }
      case 'provides':
        addProvisions(collected.provides, collected.providesTogether, when, given.specs)
        break
      case 'resource': {
        const { destination, placement, fetch } = given
        const place = { ...(destination ? { destination } : {}), ...(placement === null ? {} : { placement }) }
        addTo(collected.resources, { name: given.name, when, ...place, ...inOrder(fetch) })
        break
      }
      case 'license':
        refuseOverlap(collected.licenses.values(), when, given)
        collected.licenses.set(when, { license: given.license, when })
        break
      case 'redistribute': {
        const before = collected.noRedistribute.get(when)
        const source = given.source || (before?.source ?? false)
        const binary = given.binary || (before?.binary ?? false)
        if (source || binary) collected.noRedistribute.set(when, { when, source, binary })
        break
      }
      case 'can_splice': {
        const { match_variants } = given
        collected.splices.set(when, { target: canonicalText(given.target), when, match_variants })
        break
      }
    }
  }
  return collected
}

/**
 * Conditions of one kind of directive that say the same in two spellings (`@:25.6.0`, `@:25.06.0`) are one: the spelling
 * that came first stands for both.
 */
function conditionSpellings(): (text: string) => string {
  const first = new Map<string, string>()
  return (text) => {
    if (!text.includes('@')) return text
    const plain = text.replace(/(?<![\d.])0+(?=\d)|(?<=[.:_-])0+(?=\d)/g, '').replace(/(?<=\d)[-_](?=\d)/g, '.')
    const known = first.get(plain)
    if (known === undefined) first.set(plain, text)
    else if (known !== text && equalSpecs(specOf(known), specOf(text))) return known
    return text
  }
}

/** Joins a dependency with what was said of its name under the same condition; returns that name. */
function addDependency(
  groups: Groups<RecipeDependency>,
  owner: string,
  when: string,
  given: DeclaredDependency,
  patchOf: (when: string, patch: DeclaredPatch) => RecipePatch,
): string {
  const spec = specOf(given.spec)
  const { name } = spec
  if (!name) throw new SpackError('recipe', `\`${owner}\` depends on \`${given.spec}\`, which names no package`)
  if (name === owner) throw new SpackError('recipe', `\`${owner}\` cannot depend on itself`)
  const patches = (given.patches ?? []).map(([conditions, patch]) => patchOf(conditionText(conditions ?? []), patch))
  const group = groups.get(when) ?? []
  const index = group.findIndex((each) => specOf(each.spec).name === name)
  const before = group[index]
  const merged = before
    ? printSpec(constrained(specOf(before.spec), spec, { nodeOnly: true }))
    : canonicalText(given.spec)
  const types = deptypeOrder.filter((type) => given.types.includes(type) || before?.types.includes(type))
  const all = [...(before?.patches ?? []), ...patches]
  const dependency: RecipeDependency = { spec: merged, when, types, ...(all.length ? { patches: all } : {}) }
  if (before) group[index] = dependency
  else group.push(dependency)
  groups.set(when, group)
  return name
}

function recipePatch(owner: string, when: string, given: DeclaredPatch, numbering: { next: number }): RecipePatch {
  const isRemote = given.place.includes('://')
  const origin = given.from_package && given.from_package !== owner ? given.from_package : undefined
  return withoutAbsent({
    when,
    sha256: given.sha256,
    order: numbering.next++,
    file: isRemote ? undefined : given.place,
    from_package: origin,
    url: isRemote ? given.place : undefined,
    archive_sha256: given.archive_sha256,
    level: given.level === 1 ? undefined : given.level,
    working_dir: given.working_dir === '.' ? undefined : given.working_dir,
    reverse: given.reverse,
  }) as RecipePatch
}

function addProvisions(
  provides: Groups<Recipe['provides'][number]>,
  together: Groups<Recipe['provides_together'][number]>,
  when: string,
  specs: readonly string[],
): void {
  const names = specs.map((spec) => specOf(spec).name ?? '')
  if (names.length > 1) addTo(together, { when, virtuals: [...new Set(names)].sort(compareTexts) })
  for (const spec of specs.map(canonicalText)) {
    if (!provides.get(when)?.some((each) => each.spec === spec)) addTo(provides, { spec, when })
  }
}

/** Of two licenses at most one may hold. */
function refuseOverlap(
  licenses: Iterable<Recipe['licenses'][number]>,
  when: string,
  { license, place }: { license: string; place: string },
): void {
  const other = [...licenses].find((each) => intersects(specOf(when), specOf(each.when)))
  if (!other) return
  const described = (name: string, condition: string) => `\`${name}\`${condition ? ` (when \`${condition}\`)` : ''}`
  const both = `${described(other.license, other.when)} and ${described(license, when)}`
  throw new SpackError('recipe', `two licenses can hold at once: ${both}`, { where: place })
}

/** A later definition of a name under the same condition takes the place of the earlier one. */
function addVariant(
  variants: Map<string, Grouped<RecipeVariant>>,
  when: string,
  given: DeclaredVariant,
): RecipeVariant {
  let precedence = 0
  for (const group of variants.values()) precedence += group.size
  const group = variants.get(when) ?? new Map<string, RecipeVariant>()
  variants.set(when, group)
  const variant = recipeVariant(when, given, precedence)
  group.set(given.name, variant)
  return variant
}

/** A definition that never holds is left out in the end, but counts in the precedence of those behind it. */
const neverHolds = '\0never'

function recipeVariant(when: string, given: DeclaredVariant, precedence: number): RecipeVariant {
  const values = given.values?.flatMap((value): NonNullable<RecipeVariant['values']>[number][] => {
    if (typeof value !== 'object') return [value]
    return value.when === null ? [] : [{ value: value.value, when: conditionText(value.when) }]
  })
  const isBool = values?.length === 2 && values[0] === true && values[1] === false
  return withoutAbsent({
    name: given.name,
    when,
    type: given.multi ? 'multi' : isBool ? 'bool' : 'single',
    default: given.default,
    values: values ?? null,
    validator: given.validator,
    sets: given.sets,
    non_feature_values: given.non_feature_values,
    group_validator: given.group_validator,
    sticky: given.sticky,
    precedence,
  }) as RecipeVariant
}

/** All definitions in order, with those marked that a later one covers wherever they hold. */
function variantList(variants: ReadonlyMap<string, Grouped<RecipeVariant>>): RecipeVariant[] {
  const list = [...variants.values()].flatMap((group) => [...group.values()]).filter(({ when }) => when !== neverHolds)
  const byName = groupByName(list)
  for (const definitions of byName.values()) {
    if (definitions.length > 1) markOverridden(definitions)
  }
  return list
}

function groupByName(list: readonly RecipeVariant[]): Map<string, RecipeVariant[]> {
  const byName = new Map<string, RecipeVariant[]>()
  for (const variant of list) byName.set(variant.name, [...(byName.get(variant.name) ?? []), variant])
  return byName
}

function markOverridden(definitions: readonly RecipeVariant[]): void {
  const sorted = [...definitions].sort((a, b) => a.precedence - b.precedence)
  for (const [index, variant] of sorted.entries()) {
    const when = specOf(variant.when)
    if (sorted.slice(index + 1).some((later) => satisfies(when, specOf(later.when)))) variant.overridden = true
  }
}
