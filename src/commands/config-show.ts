// `spack config get` and `spack config blame`.

import type { Configuration } from '../config/configuration.ts'
import { type ConfigEntry, type ConfigMap, type ConfigNode, emptyMap } from '../config/node.ts'
import type { Scope } from '../config/scope.ts'
import { requireSection, type SectionName, sectionNames } from '../config/sections.ts'
import { type YamlLine, yamlLines } from '../config/yaml-writer.ts'
import { SpackError } from '../ui/error.ts'
import { type Colour, paint } from '../ui/terminal.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { activeEnvironment, configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

export async function getConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const shown = await shownSettings(invocation, args)
  if (flagOn(args, 'json')) invocation.print(`${jsonText(shown)}\n`)
  else
    invocation.print(
      yamlLines(shown)
        .map(({ text }) => `${text}\n`)
        .join(''),
    )
  return 0
}

export async function blameConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const lines = yamlLines(await shownSettings(invocation, args))
  invocation.print(
    annotated(lines, invocation.stdoutHasColour)
      .map((line) => `${line}\n`)
      .join(''),
  )
  return 0
}

/** The section that is asked for, or all of them below `spack:`. */
async function shownSettings(invocation: Invocation, args: Arguments): Promise<ConfigMap> {
  const made = await configuration(invocation)
  const section = oneSection(args)
  const scope = existingScope(made, flagText(args, 'scope'))
  if (section) return mapOf([entryOf(section, made.sectionNode(section, scope))])
  if (scope) {
    throw new SpackError('usage', `\`--scope ${scope.name}\` needs the name of a section`, { exitCode: 2 })
  }
  return mapOf([entryOf('spack', await allSections(invocation, made))])
}

/** The one section that a command names, if any. Throws SpackError `usage` or `config-section`. */
export function oneSection({ positional }: Arguments): SectionName | undefined {
  if (positional.length > 1) {
    throw new SpackError('usage', `only one section can be named, not ${positional.length}`, { exitCode: 2 })
  }
  return positional[0] === undefined ? undefined : requireSection(positional[0])
}

function existingScope(made: Configuration, name: string | undefined): Scope | undefined {
  const scope = name === undefined ? undefined : made.scope(name)
  if (!scope || scope.exists) return scope
  throw new SpackError('config-scope', `the scope \`${scope.name}\` has no settings: \`${scope.path}\` does not exist`)
}

/** What the manifest of the active environment holds, its settings replaced by the merged ones. */
async function allSections(invocation: Invocation, made: Configuration): Promise<ConfigMap> {
  const environment = await activeEnvironment(invocation)
  const manifest = environment && made.scopes.find(({ path }) => path === environment.manifestFile)
  const shown = new Map<string, ConfigEntry>()
  for (const [key, entry] of manifest?.content?.entries ?? []) shown.set(key, { ...entry, strategy: 'merge' })
  for (const name of sectionNames) shown.set(name, entryOf(name, made.sectionNode(name)))
  return { ...mapOf([]), entries: shown }
}

const nowhere = { file: '', line: 0 }

const mapOf = (entries: readonly ConfigEntry[]): ConfigMap => ({
  ...emptyMap(nowhere),
  entries: new Map(entries.map((entry) => [entry.key, entry])),
})

const entryOf = (key: string, value: ConfigNode = emptyMap(nowhere)): ConfigEntry => ({
  key,
  strategy: 'merge',
  mark: nowhere,
  value,
})

const colours: readonly Colour[] = ['dim', 'green', 'red', 'blue', 'magenta', 'cyan', 'yellow', 'boldGreen', 'boldRed']

/** Lines with the place in front that they come from, each file in a colour of its own. */
function annotated(lines: readonly YamlLine[], hasColour: boolean): string[] {
  const files = [...new Set(lines.map(({ mark }) => mark?.file ?? ''))]
  const places = lines.map(({ mark }) => {
    if (!mark?.file) return { plain: '---', painted: paint(hasColour, 'dim', '---') }
    const line = mark.line > 0 ? `:${mark.line}` : ''
    const colour = colours[files.indexOf(mark.file) % colours.length]!
    return {
      plain: mark.file + line,
      painted: paint(hasColour, colour, mark.file) + (line && `:${paint(hasColour, 'cyan', line.slice(1))}`),
    }
  })
  const width = Math.max(...places.map(({ plain }) => plain.length))
  return lines.map(({ text }, i) => `${places[i]!.painted}${' '.repeat(width - places[i]!.plain.length)}  ${text}`)
}

/** JSON in ASCII and without blanks, keys in their order. */
function jsonText(node: ConfigNode): string {
  switch (node.kind) {
    case 'scalar':
      return JSON.stringify(node.value).replace(
        /[\u007f-\uffff]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    case 'list':
      return `[${node.items.map(jsonText).join(',')}]`
    case 'map': {
      const pairs = [...node.entries].map(([key, { value }]) => `${jsonKey(key)}:${jsonText(value)}`)
      return `{${pairs.join(',')}}`
    }
  }
}

const jsonKey = (key: string): string => jsonText({ kind: 'scalar', value: key, mark: nowhere })
