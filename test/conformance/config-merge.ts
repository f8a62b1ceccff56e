// spec/config-merge: reading YAML, merging, scopes, includes, settings and substitutions (`config-merge.json`).

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Configuration, stackScopes } from '../../src/config/configuration.ts'
import { mergeNode } from '../../src/config/merge.ts'
import { type ConfigMap, type ConfigNode, type ConfigValue, emptyMap, makeNode } from '../../src/config/node.ts'
import { padPath } from '../../src/config/padding.ts'
import { spackPaths } from '../../src/config/paths.ts'
import { internalScope, type ScopeSource } from '../../src/config/scope.ts'
import type { StackedScope } from '../../src/config/scope-stack.ts'
import { requireSection } from '../../src/config/sections.ts'
import { addSetting } from '../../src/config/setting.ts'
import { parseSettingPath } from '../../src/config/setting-path.ts'
import { canonicalPath, substitutePath, substituteVariables, type Variables } from '../../src/config/substitution.ts'
import { readYaml } from '../../src/config/yaml-reader.ts'
import { scratch } from '../support/scratch.ts'
import type { Tally } from './tally.ts'

/** JSON whose objects keep the order of their keys, also of those that look like numbers. */
interface Case {
  ok: boolean
  [member: string]: unknown
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const text = readFileSync(join(folder, 'spec/config-merge.json'), 'utf8')
  const plain = JSON.parse(text) as Record<string, Case[]>
  const ordered = readOrdered(text) as Map<string, Map<string, unknown>[]>
  const checks: Record<string, (one: Case, tree: string) => unknown> = {
    yaml: checkYaml,
    merge: checkMerge,
    sections: checkSections,
    paths: checkPath,
    add: checkAdd,
    includes: checkIncludes,
    substitution: (one) => checkSubstitution(one, plain.contexts!),
    padding: (one) => padPath(one.path as string, one.length as number),
  }
  for (const [area, answer] of Object.entries(checks)) {
    for (const [i, one] of (plain[area] ?? []).entries()) {
      const expected = ordered.get(area)![i]!
      const id = `${area} ${i} ${JSON.stringify(one.text ?? one.path ?? one.documents ?? one.add ?? one.scopes ?? one.files)}`
      const tree = scratch()
      await tally.checkAsync(id, printed(expectedOf(area, one, expected, tree)), async () => {
        try {
          return printed(await answer(one, tree))
        } catch (error) {
          if (one.ok === false && error instanceof Error && error.name === 'SpackError') return printed('refused')
          throw error
        }
      })
      rmSync(tree, { recursive: true })
    }
  }
}

/** What is compared, by area: the members that the project answers, or that the case is refused. */
const answers: Readonly<Record<string, readonly string[]>> = {
  yaml: ['result', 'overrides'],
  paths: ['parts'],
  add: ['command_line', 'result'],
  includes: ['scopes', 'active', 'result', 'include'],
  substitution: ['variables', 'path', 'canonical', 'canonical_from', 'canonical_in_file'],
}

function expectedOf(area: string, one: Case, expected: Map<string, unknown>, tree: string): unknown {
  if (one.ok === false) return 'refused'
  const members = answers[area]
  if (!members) return expected.get('result')
  const picked = new Map(members.map((name) => [name, expected.get(name)]))
  return area === 'includes' ? relocate(picked, tree) : picked
}

function checkYaml({ text }: Case): unknown {
  const node = readYaml(text as string, 'case.yaml')
  return new Map<string, unknown>([
    ['result', node ? orderedValue(node) : null],
    ['overrides', node ? overrides(node, []) : []],
  ])
}

function overrides(node: ConfigNode, path: readonly string[]): string[][] {
  if (node.kind === 'scalar') return node.hadColon ? [[...path, '<value>']] : []
  if (node.kind === 'list') return node.items.flatMap((item, i) => overrides(item, [...path, String(i)]))
  return [...node.entries.values()].flatMap((entry) => {
    const below = [...path, entry.key]
    return [...(entry.strategy === 'override' ? [below] : []), ...overrides(entry.value, below)]
  })
}

function checkMerge({ documents }: Case): unknown {
  const empty: ConfigNode = emptyMap({ file: '', line: 0 })
  const nodes = (documents as string[]).map((text) => readYaml(text, 'case.yaml') ?? empty)
  return orderedValue(nodes.reduce((merged, node) => mergeNode(merged, node), empty))
}

async function checkSections({ section, scopes, environment }: Case, tree: string): Promise<unknown> {
  const name = requireSection(section as string)
  const sources: StackedScope[] = []
  for (const [i, text] of (scopes as (string | null)[]).entries()) {
    const path = join(tree, `scope${i}`)
    mkdirSync(path)
    if (text !== null) writeFileSync(join(path, `${name}.yaml`), text)
    sources.push({ scope: folderSource(`scope${i}`, path) })
  }
  if (environment) {
    writeFileSync(join(tree, 'spack.yaml'), environment as string)
    sources.push({ scope: manifestSource('env', join(tree, 'spack.yaml')) })
  }
  return sectionOf(await stack(sources, tree, {}), name)
}

function checkPath({ path }: Case): unknown {
  const parts = parseSettingPath(path as string).map(({ text, strategy, isLiteral }) => {
    const marks = [...(strategy === 'merge' ? [] : [strategy]), ...(isLiteral ? ['literal'] : [])]
    return new Map<string, unknown>([['text', text], ...marks.map((mark) => [mark, true] as const)])
  })
  return new Map([['parts', parts]])
}

async function checkAdd({ section, base, add }: Case, tree: string): Promise<unknown> {
  const name = requireSection(section as string)
  const commandLine: ConfigMap = emptyMap({ file: 'command_line', line: 0 })
  for (const setting of add as string[]) await addSetting(commandLine, setting)
  mkdirSync(join(tree, 'base'))
  writeFileSync(join(tree, 'base', `${name}.yaml`), base as string)
  const command = internalScope('command_line', 'command line', (asked) => commandLine.entries.get(asked))
  const sources = [{ scope: folderSource('base', join(tree, 'base')) }, { scope: command }]
  const made = await stack(sources, tree, {})
  const own = made.sectionNode(name, made.scope('command_line'))
  return new Map([
    ['command_line', own ? orderedValue(own) : new Map()],
    ['result', sectionOf(made, name)],
  ])
}

async function checkIncludes(one: Case, tree: string): Promise<unknown> {
  const { files, root, environ, section } = one as Case & { files: Record<string, string>; root: string }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    writeFileSync(join(tree, name), text.replaceAll('/cfg', tree))
  }
  const defaults = makeNode({ checksum: true, build_jobs: 16 }, { file: 'built-in', line: 0 })
  const mark = { file: 'built-in', line: 0 }
  const builtIn = internalScope('defaults', 'defaults', (name) =>
    name === 'config' ? { key: name, strategy: 'merge', mark, value: defaults } : undefined,
  )
  const made = await stack(
    [
      { scope: builtIn },
      { scope: folderSource('root', join(tree, 'root')) },
      ...(root === 'root+env' ? [{ scope: manifestSource('env', join(tree, 'env/spack.yaml')) }] : []),
    ],
    tree,
    relocate(environ, tree) as NodeJS.ProcessEnv,
  )
  const include = made.sectionNode('include')
  return new Map<string, unknown>([
    ['scopes', made.scopes.map(({ name }) => name)],
    ['active', made.activeScopes.map(({ name }) => name)],
    ['result', sectionOf(made, requireSection(section as string))],
    ['include', include ? orderedValue(include) : []],
  ])
}

function checkSubstitution({ text, context }: Case, contexts: readonly Case[]): unknown {
  const world = contexts.find(({ name }) => name === context)!
  const { platform, os, target } = world as unknown as Record<string, string>
  const values: Record<string, unknown> = {
    ...world,
    architecture: `${platform}-${os}-${target}`,
    arch: `${platform}-${os}-${target}`,
    operating_system: os,
  }
  const variables: Variables = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, () => (typeof value === 'string' ? value : undefined)]),
  )
  const environ = world.environ as NodeJS.ProcessEnv
  const canonical = (base: string) => canonicalPath(text as string, variables, environ, base)
  return new Map([
    ['variables', substituteVariables(text as string, variables)],
    ['path', substitutePath(text as string, variables, environ)],
    ['canonical', canonical(world.cwd as string)],
    ['canonical_from', canonical('/base/dir')],
    ['canonical_in_file', canonical('/cfg/dir')],
  ])
}

const folderSource = (name: string, path: string): ScopeSource => ({
  name,
  level: 'files',
  kind: 'folder',
  path,
  isWritable: true,
})
const manifestSource = (name: string, path: string): ScopeSource => ({
  name,
  level: 'environment',
  kind: 'file',
  path,
  isManifest: true,
  isWritable: true,
})

function stack(sources: readonly StackedScope[], tree: string, environ: NodeJS.ProcessEnv): Promise<Configuration> {
  const paths = spackPaths({ ...environ, HOME: tree, SPACK_ROOT: tree })
  return stackScopes(sources, { paths, environ, cwd: join(tree, 'root') })
}

function sectionOf(made: Configuration, name: ReturnType<typeof requireSection>): unknown {
  const node = made.sectionNode(name)
  return node ? orderedValue(node) : new Map()
}

/** A tree in the kit's words: dates and odd numbers as maps of one key. */
function orderedValue(node: ConfigNode): unknown {
  if (node.kind === 'list') return node.items.map(orderedValue)
  if (node.kind === 'map') return new Map([...node.entries].map(([key, { value }]) => [key, orderedValue(value)]))
  if (node.isDate) return new Map([['date', node.value]])
  if (typeof node.value !== 'number' || Number.isFinite(node.value)) return node.value
  const name = Number.isNaN(node.value) ? 'nan' : node.value > 0 ? 'inf' : '-inf'
  return new Map([['float', name]])
}

/** JSON with its objects as maps. A mark in front of each key keeps those that look like numbers in their place. */
function readOrdered(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (word, colon) => (colon ? `"=${word.slice(1)}` : word))
  const toMap = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(toMap)
    if (typeof value !== 'object' || value === null) return value
    return new Map(Object.entries(value).map(([key, member]) => [key.slice(1), toMap(member)]))
  }
  return toMap(JSON.parse(marked))
}

/** Maps as lists of pairs, which show their order when they are compared. */
function printed(value: unknown): unknown {
  if (value instanceof Map) return { map: [...value].map(([key, member]) => [key, printed(member)]) }
  return Array.isArray(value) ? value.map(printed) : value
}

/** The kit's `/cfg` is a folder of its own here. */
function relocate(value: unknown, tree: string): unknown {
  if (typeof value === 'string') return value.replaceAll('/cfg', tree)
  if (Array.isArray(value)) return value.map((item) => relocate(item, tree))
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, relocate(member, tree)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value as Record<string, ConfigValue>).map(([key, member]) => [key, relocate(member, tree)]),
  )
}
