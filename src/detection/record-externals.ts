// Adding detected installations to `packages.yaml`: those that no scope has yet, in front of what the scope says of the
// package. Comments and layout of the file stay.

import type { Configuration } from '../config/configuration.ts'
import { editSection } from '../config/edit.ts'
import { type ConfigEntry, type ConfigMap, type ConfigValue, emptyMap, type Mark, makeNode } from '../config/node.ts'
import type { Scope } from '../config/scope.ts'
import { equalSpecs } from '../spec/compare.ts'
import { printSpec } from '../spec/print.ts'
import { copySpec, type Spec, setVariant } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { type ConfiguredExternal, configuredExternals } from './configured-externals.ts'
import type { DetectedExternal } from './detect.ts'

export interface Recorded {
  added: DetectedExternal[]
  /** Why some of what was found cannot stand in the file. */
  warnings: string[]
}

/**
 * Adds to a scope what is new; with `isBuildable` false, all packages that were found are no longer built. Throws as
 * `configuredExternals` and `editSection`.
 */
export async function recordExternals(
  found: ReadonlyMap<string, readonly DetectedExternal[]>,
  configuration: Configuration,
  scope: Scope,
  { isBuildable = true }: { isBuildable?: boolean } = {},
): Promise<Recorded> {
  const known = configuredExternals(configuration)
  const knownSpecs = known.map(({ spec }) => withExactVariants(spec))
  const isNew = ({ spec }: DetectedExternal) => !knownSpecs.some((each) => equalSpecs(each, withExactVariants(spec)))
  const warnings: string[] = []
  const fresh = new Map<string, DetectedExternal[]>()
  for (const [name, list] of found) fresh.set(name, await withoutInvalid(name, list.filter(isNew), warnings))
  const added = [...fresh.values()].flat()
  if (added.length === 0 && isBuildable) return { added, warnings }
  await editPackages(scope, (packages, mark) => {
    for (const [name, list] of fresh) {
      if (list.length === 0 && isBuildable) continue
      const settings = mapAt(packages, name, mark)
      if (list.length > 0) addInFront(settings, list, mark)
      if (!isBuildable) put(settings, 'buildable', false, mark)
    }
  })
  return { added, warnings }
}

/** An external has the values that are written and no others, whether that says `languages=c` or `languages:=c`. */
function withExactVariants(spec: Spec): Spec {
  const exact = copySpec(spec)
  for (const [name, variant] of exact.variants) setVariant(exact, name, { ...variant, isExact: true })
  return exact
}

/** Attributes come from recipes: what the file must not hold is left out, with a warning. */
async function withoutInvalid(
  name: string,
  list: readonly DetectedExternal[],
  warnings: string[],
): Promise<DetectedExternal[]> {
  const { validateFile } = await import('../config/validation.ts')
  return list.filter((external) => {
    try {
      const packages = { packages: { [name]: { externals: [externalEntry(external)] } } }
      validateFile(makeNode(packages, { file: 'packages.yaml', line: 0 }), 'packages')
      return true
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      warnings.push(`\`${printSpec(external.spec)}\` in ${external.prefix} is passed over: ${error.message}`)
      return false
    }
  })
}

/** Lets virtuals come from externals only, where nobody has decided about it. Returns their names. */
export async function forbidBuilding(
  virtuals: Iterable<string>,
  configuration: Configuration,
  scope: Scope,
): Promise<string[]> {
  const open = [...virtuals].filter((name) => configuration.get(['packages', name, 'buildable']) === undefined)
  if (open.length === 0) return []
  await editPackages(scope, (packages, mark) => {
    for (const name of open) put(mapAt(packages, name, mark), 'buildable', false, mark)
  })
  return open
}

/** Changes the `packages` section of a scope, which is made when it is not there. Throws as `editSection`. */
function editPackages(scope: Scope, change: (packages: ConfigMap, mark: Mark) => void): Promise<string> {
  const mark = { file: scope.path ?? '', line: 0 }
  return editSection(scope, 'packages', (sections) => change(mapAt(sections, 'packages', mark), mark))
}

function mapAt(map: ConfigMap, key: string, mark: Mark): ConfigMap {
  const old = map.entries.get(key)
  if (old?.value.kind === 'map') return old.value
  const made = emptyMap(mark)
  map.entries.set(key, { key, strategy: old?.strategy ?? 'merge', mark, value: made })
  return made
}

function put(map: ConfigMap, key: string, value: ConfigValue, mark: Mark): void {
  const old = map.entries.get(key)
  const entry: ConfigEntry = { key, strategy: old?.strategy ?? 'merge', mark, value: makeNode(value, mark) }
  map.entries.set(key, entry)
}

function addInFront(settings: ConfigMap, list: readonly DetectedExternal[], mark: Mark): void {
  const items = list.map((each) => makeNode(externalEntry(each), mark))
  const old = settings.entries.get('externals')
  if (old?.value.kind === 'list') old.value.items.unshift(...items)
  else
    settings.entries.set('externals', {
      key: 'externals',
      strategy: 'merge',
      mark,
      value: { kind: 'list', items, mark },
    })
}

/** As it stands in `packages.yaml`. */
function externalEntry({ spec, prefix, modules, extraAttributes }: DetectedExternal): ConfigValue {
  const attributes = extraAttributes as { [key: string]: ConfigValue }
  return {
    spec: printSpec(spec),
    prefix,
    ...(modules.length > 0 ? { modules: [...modules] } : {}),
    ...(Object.keys(attributes).length > 0 ? { extra_attributes: attributes } : {}),
  }
}

/** Removes entries from a scope; a package of which nothing is left goes, too. Throws as `editSection`. */
export async function removeExternals(scope: Scope, doomed: readonly ConfiguredExternal[]): Promise<void> {
  const lines = new Set(doomed.map(({ mark }) => `${mark.file}:${mark.line}`))
  await editPackages(scope, (packages) => {
    for (const [name, { value: settings }] of packages.entries) {
      const list = settings.kind === 'map' ? settings.entries.get('externals')?.value : undefined
      if (settings.kind !== 'map' || list?.kind !== 'list') continue
      const left = list.items.filter(({ mark }) => !lines.has(`${mark.file}:${mark.line}`))
      if (left.length === list.items.length) continue
      list.items = left
      if (left.length === 0) settings.entries.delete('externals')
      if (settings.entries.size === 0) packages.entries.delete(name)
    }
  })
}
