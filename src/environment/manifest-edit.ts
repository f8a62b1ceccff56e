// Adding specs to the lists of a manifest and removing them. Comments and layout stay; the file is written in one step,
// and only when everything that was asked for can be done.

import { readFileSync } from 'node:fs'
import { writeAtomically } from '../config/edit.ts'
import { type ConfigNode, makeNode } from '../config/node.ts'
import type { YamlDocument, YamlPath } from '../config/yaml-document.ts'
import { overriddenSpec } from '../spec/override.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Environment } from './environment.ts'
import type { ListedSpec } from './matrix.ts'
import { located, whereOf } from './spec-list.ts'

/** The name of the list of roots; others are in `definitions`. */
export const rootList = 'specs'

export interface ListRequest {
  /** `specs`, or the name of a definition. */
  list: string
  /** Whether the condition of a definition holds. */
  holds: (condition: string) => boolean
}

/**
 * Adds specs at the end of a list, of a definition's first part whose condition holds. Returns those that were added and
 * those that were there already, as texts. Throws SpackError `no-list`, `yaml-edit`, `config-format`.
 */
export async function addSpecs(
  environment: Environment,
  specs: readonly Spec[],
  request: ListRequest,
): Promise<{ added: string[]; present: string[] }> {
  const document = await openManifest(environment)
  const places = listPlaces(document, environment, request)
  const present = new Set(places.flatMap((path) => listItems(document, path).map(({ text }) => text)))
  const outcome = { added: [] as string[], present: [] as string[] }
  for (const text of specs.map(printSpec)) {
    if (present.has(text)) {
      outcome.present.push(text)
      continue
    }
    present.add(text)
    document.append(places[0]!, makeNode(text, { file: environment.manifestFile, line: 0 }))
    outcome.added.push(text)
  }
  if (outcome.added.length > 0) await writeManifest(environment, document)
  return outcome
}

export interface RemoveRequest extends ListRequest {
  /** Reads a spec as the configuration has it. */
  parse: (text: string) => Spec
  /** What the list of roots stands for in the end; asked only when nothing in the list itself matches. */
  expanded: () => Promise<readonly ListedSpec[]>
}

/**
 * Removes from a list what satisfies any of `queries`. Returns the texts that are gone, by query. Throws SpackError
 * `no-match` when one matches nothing, or nothing but what a matrix or another list stands for.
 */
export async function removeSpecs(
  environment: Environment,
  queries: readonly Spec[],
  request: RemoveRequest,
): Promise<Map<Spec, string[]>> {
  const document = await openManifest(environment)
  const removed = new Map<Spec, string[]>()
  const doomed: { path: YamlPath; index: number }[] = []
  for (const query of queries) {
    const matches = matchingItems(document, environment, query, request)
    if (matches.length === 0) throw await noMatch(environment, query, request)
    removed.set(
      query,
      matches.map(({ text }) => text),
    )
    doomed.push(...matches)
  }
  const keys = new Map(doomed.map(({ path, index }) => [[...path, index].join('\0'), { path, index }]))
  // From the back, so that the indices in front stay true.
  for (const { path, index } of [...keys.values()].sort((a, b) => b.index - a.index)) document.remove([...path, index])
  await writeManifest(environment, document)
  return removed
}

/**
 * Exchanges parts of the specs of a list: each of `changes` in what matches its name, or `match`. Returns the texts before
 * and after. Throws SpackError `no-match`, and `ambiguous` when one matches several and `all` is not set.
 */
export async function changeSpecs(
  environment: Environment,
  changes: readonly Spec[],
  { match, all, ...request }: RemoveRequest & { match?: Spec; all: boolean },
): Promise<{ before: string; after: string }[]> {
  const document = await openManifest(environment)
  const outcome: { before: string; after: string }[] = []
  for (const change of changes) {
    const query = match ?? parseSpec(change.name!)
    const matches = matchingItems(document, environment, query, request)
    if (matches.length === 0) throw await noMatch(environment, query, request)
    if (matches.length > 1 && !all) throw ambiguous(environment, query, request.list, matches)
    for (const { path, index, text, node } of matches) {
      const before = located(node.mark, () => parseSpec(text))
      const after = printSpec(overriddenSpec(before, change))
      document.set([...path, index], makeNode(after, node.mark))
      outcome.push({ before: text, after })
    }
  }
  await writeManifest(environment, document)
  return outcome
}

const ambiguous = ({ manifestFile }: Environment, query: Spec, list: string, matches: readonly Item[]): SpackError =>
  new SpackError('ambiguous', `\`${printSpec(query)}\` matches several specs of the list \`${list}\`:`, {
    where: manifestFile,
    detail: matches.map(({ text }) => `    ${text}`).join('\n'),
    hint: 'name one with `--match-spec`, or change all with `--all`',
  })

/**
 * Takes roots out of the manifest by what they say, as a lockfile repeats it. Returns those that stand in no list themselves:
 * a matrix or a definition brings them in.
 */
export async function removeRoots(
  environment: Environment,
  roots: ReadonlySet<string>,
  parse: (text: string) => Spec,
): Promise<string[]> {
  const document = await openManifest(environment)
  const items = listItems(document, ['spack', rootList]).map((item) => ({
    ...item,
    said: located(item.node.mark, () => printSpec(parse(item.text))),
  }))
  const doomed = items.filter(({ said }) => roots.has(said))
  for (const { path, index } of doomed.toReversed()) document.remove([...path, index])
  if (doomed.length > 0) await writeManifest(environment, document)
  const gone = new Set(doomed.map(({ said }) => said))
  return [...roots].filter((root) => !gone.has(root))
}

/** Empties the list of roots. */
export async function removeAllSpecs(environment: Environment): Promise<void> {
  const document = await openManifest(environment)
  document.set(['spack', rootList], makeNode([], { file: environment.manifestFile, line: 0 }))
  await writeManifest(environment, document)
}

async function openManifest({ manifestFile }: Environment): Promise<YamlDocument> {
  const { openYaml } = await import('../config/yaml-document.ts')
  return openYaml(readFileSync(manifestFile, 'utf8'), manifestFile)
}

async function writeManifest({ manifestFile }: Environment, document: YamlDocument): Promise<void> {
  const { validateFile } = await import('../config/validation.ts')
  if (document.tree) validateFile(document.tree, 'manifest')
  writeAtomically(manifestFile, document.text)
}

/** Where in the file a list is: `specs` in one place, a definition in any number of parts. */
function listPlaces(document: YamlDocument, environment: Environment, { list, holds }: ListRequest): YamlPath[] {
  if (list === rootList) return [['spack', rootList]]
  const definitions = document.get(['spack', 'definitions'])
  const parts = definitions?.kind === 'list' ? definitions.items : []
  const places = parts.flatMap((part, index): YamlPath[] => {
    if (part.kind !== 'map' || !part.entries.has(list)) return []
    const when = part.entries.get('when')?.value
    const isActive = when?.kind !== 'scalar' || located(part.mark, () => holds(String(when.value)))
    return isActive ? [['spack', 'definitions', index, list]] : []
  })
  if (places.length > 0) return places
  throw new SpackError('no-list', `the environment \`${environment.name}\` has no list \`${list}\``, {
    where: environment.manifestFile,
    hint: didYouMean(list, [rootList, ...parts.flatMap(namesOf)]) ?? 'lists are named under `definitions`',
  })
}

const namesOf = (part: ConfigNode): string[] =>
  part.kind === 'map' ? [...part.entries.keys()].filter((key) => key !== 'when') : []

interface Item {
  path: YamlPath
  index: number
  text: string
  node: ConfigNode
}

/** The specs that stand in a list themselves. */
function listItems(document: YamlDocument, path: YamlPath): Item[] {
  const list = document.get(path)
  const items = list?.kind === 'list' ? list.items : []
  return items.flatMap((node, index) => {
    const text = node.kind === 'scalar' ? String(node.value ?? '') : '$'
    return text.startsWith('$') || text === '' ? [] : [{ path, index, text, node }]
  })
}

const matchingItems = (document: YamlDocument, environment: Environment, query: Spec, request: RemoveRequest): Item[] =>
  listPlaces(document, environment, request)
    .flatMap((path) => listItems(document, path))
    .filter(({ text, node }) => located(node.mark, () => satisfies(request.parse(text), query)))

async function noMatch(environment: Environment, query: Spec, request: RemoveRequest): Promise<SpackError> {
  const text = printSpec(query)
  const others = request.list === rootList ? await request.expanded() : []
  const indirect = others.filter(({ spec }) => satisfies(spec, query))
  if (indirect.length === 0) {
    const names = others.map(({ spec }) => spec.name ?? '')
    return new SpackError('no-match', `nothing in the list \`${request.list}\` matches \`${text}\``, {
      where: environment.manifestFile,
      hint: didYouMean(query.name ?? '', names),
    })
  }
  const places = [...new Set(indirect.map(({ where }) => where))]
  return new SpackError('no-match', `\`${text}\` stands in no list itself: a matrix or a definition brings it in`, {
    where: places[0] ?? whereOf({ file: environment.manifestFile, line: 0 }),
    hint: 'change that line, or name the definition: `spack remove -l LIST …`',
  })
}
