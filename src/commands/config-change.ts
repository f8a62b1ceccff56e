// `spack config add` and `spack config remove`.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { editableScope, editSection } from '../config/edit.ts'
import { mergeEntry } from '../config/merge.ts'
import { type ConfigEntry, type ConfigNode, copyNode, emptyMap, makeNode, sameNode } from '../config/node.ts'
import type { Scope } from '../config/scope.ts'
import { isSectionName, requireSection } from '../config/sections.ts'
import { applySetting, planSetting, readSettingValue } from '../config/setting.ts'
import { parseSettingPath, type SettingPart } from '../config/setting-path.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Arguments, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

export async function addConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const file = flagText(args, 'file')
  const [path, ...others] = args.positional
  if (others.length) throw new SpackError('usage', 'only one setting can be added at a time', { exitCode: 2 })
  if (path === undefined && file === undefined) {
    throw new SpackError('usage', 'nothing to add: give a setting or a file', {
      exitCode: 2,
      hint: "for instance `spack config add 'config:build_jobs:8'`",
    })
  }
  const made = await configuration(invocation)
  const scope = editableScope(made, flagText(args, 'scope'))
  if (file !== undefined) await addFile(scope, resolve(invocation.cwd, file))
  if (path !== undefined) {
    const mark = { file: scope.path!, line: 0 }
    const change = await planSetting({ mark, sectionNode: (name) => made.sectionNode(name, scope) }, path)
    await editSection(scope, change.section, (sections) => applySetting(sections, change))
  }
  return 0
}

/** Adds all sections of a file; what a manifest has besides is passed over. */
async function addFile(scope: Scope, file: string): Promise<void> {
  for (const entry of await sectionsOf(file)) {
    const section = requireSection(entry.key)
    const own = scope.section(section)?.value
    const joined = emptyMap(entry.mark)
    if (own) joined.entries.set(section, { ...entry, strategy: 'merge', value: copyNode(own) })
    mergeEntry(joined, entry)
    await editSection(scope, section, (sections) => sections.entries.set(section, joined.entries.get(section)!))
  }
}

async function sectionsOf(file: string): Promise<ConfigEntry[]> {
  const { readYaml } = await import('../config/yaml-reader.ts')
  const { validateFile } = await import('../config/validation.ts')
  const root = readYaml(readGiven(file), file)
  if (root?.kind !== 'map') throw new SpackError('config-file', `\`${file}\` holds no settings`)
  const isManifest = root.entries.has('spack')
  validateFile(root, isManifest ? 'manifest' : 'any section')
  const content = isManifest ? root.entries.get('spack')!.value : root
  const entries = content.kind === 'map' ? [...content.entries.values()] : []
  return entries.filter(({ key }) => isSectionName(key))
}

function readGiven(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    throw new SpackError('config-file', `\`${file}\` cannot be read (${code})`, { cause: error })
  }
}

export async function removeConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const [path, ...others] = args.positional
  if (path === undefined || others.length) {
    throw new SpackError('usage', 'name one setting to remove, for instance `config:build_jobs`', { exitCode: 2 })
  }
  const [head, ...parts] = parseSettingPath(path)
  const section = requireSection(head!.text)
  if (!parts.length) {
    throw new SpackError('config-path', `\`${path}\` is a whole section`, { hint: 'name the key to remove' })
  }
  const made = await configuration(invocation)
  const scope = editableScope(made, flagText(args, 'scope'))
  const own = scope.section(section)?.value
  const target = own && findTarget(own, parts)
  if (!target) {
    invocation.say(`==> Warning: \`${path}\` is not set in the scope \`${scope.name}\`; nothing was removed\n`)
    return 0
  }
  const values = target.rest ? await removedValues(target.rest) : []
  await editSection(scope, section, (sections) =>
    removeFrom(sections.entries.get(section)!.value, target, values, path),
  )
  return 0
}

interface Target {
  /** Keys to what is removed, or to the list that loses items. */
  keys: readonly string[]
  /** What names the items to remove from a list. */
  rest?: readonly SettingPart[]
}

/** What a path names in a section: a key, whether or not its value follows, or items of a list. */
function findTarget(section: ConfigNode, parts: readonly SettingPart[]): Target | undefined {
  const keys = parts.map(({ text }) => text)
  let node = section
  for (const [i, key] of keys.entries()) {
    if (node.kind === 'list') return { keys: keys.slice(0, i), rest: parts.slice(i) }
    if (node.kind === 'scalar') return { keys: keys.slice(0, i) }
    const entry = node.entries.get(key)
    if (!entry) return undefined
    node = entry.value
  }
  return { keys }
}

/** One quoted word is itself; anything else is YAML, in which colons are no separators. */
async function removedValues(parts: readonly SettingPart[]): Promise<ConfigNode[]> {
  const mark = { file: 'command line', line: 0 }
  const [only] = parts
  if (parts.length === 1 && only!.isLiteral) return [makeNode(only!.text, mark)]
  const value = await readSettingValue(parts.map(({ text }) => text).join(':'), mark)
  return value.kind === 'list' ? value.items : [value]
}

function removeFrom(section: ConfigNode, { keys, rest }: Target, values: readonly ConfigNode[], path: string): void {
  let node = section
  for (const key of rest === undefined ? keys.slice(0, -1) : keys) {
    node = node.kind === 'map' ? node.entries.get(key)!.value : node
  }
  if (rest === undefined) {
    if (node.kind === 'map') node.entries.delete(keys.at(-1)!)
    return
  }
  if (node.kind !== 'list') return
  for (const value of values) {
    const index = node.items.findIndex((item) => sameNode(item, value))
    if (index < 0) throw new SpackError('config-path', `the list has no such item: \`${path}\``)
    node.items.splice(index, 1)
  }
}
