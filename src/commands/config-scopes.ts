// `spack config scopes`: the scopes, the strongest first.

import { existsSync } from 'node:fs'
import type { Configuration } from '../config/configuration.ts'
import { type Scope, sectionFile } from '../config/scope.ts'
import { requireSection, type SectionName } from '../config/sections.ts'
import { SpackError } from '../ui/error.ts'
import { paint } from '../ui/terminal.ts'
import { type Arguments, flagList, flagOn } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

const scopeTypes = ['all', 'env', 'include', 'internal', 'path']

export async function listScopes(invocation: Invocation, args: Arguments): Promise<number> {
  const made = await configuration(invocation)
  const { types, section } = readArguments(args)
  const isVerbose = flagOn(args, 'verbose')
  const hasPaths = flagOn(args, 'paths') || section !== undefined
  const included = new Set(made.scopes.flatMap((scope) => scope.includes))
  const shown = made.scopes.toReversed().filter((scope) => {
    const own = ['all', ...typesOf(scope, included.has(scope))]
    return types.some((type) => own.includes(type)) && (isVerbose || made.activeScopes.includes(scope))
  })
  const rows = shown.map((scope) => {
    const status = statusOf(made, scope, section)
    const cells = [
      scope.name,
      ...(isVerbose ? [typesOf(scope, included.has(scope)).join(','), status] : []),
      ...(hasPaths ? [placeOf(scope, section)] : []),
    ]
    return { cells, isDim: isVerbose && status !== 'active' }
  })
  const headers = ['Scope', ...(isVerbose ? ['Type', 'Status'] : []), ...(hasPaths ? ['Path'] : [])]
  const table = headers.length > 1 && rows.length ? [{ cells: headers, isHeader: true }, ...rows] : rows
  invocation.print(
    tableLines(table, invocation.stdoutHasColour)
      .map((line) => `${line}\n`)
      .join(''),
  )
  return 0
}

/** As with Spack's parser, words that follow `-t` are types as long as they can be. */
function readArguments(args: Arguments): { types: readonly string[]; section: SectionName | undefined } {
  const named = flagList(args, 'type')
  const isType = (word: string) => named.length > 0 && scopeTypes.includes(word)
  const words = args.positional.filter((word) => !isType(word))
  if (words.length > 1) throw new SpackError('usage', 'only one section can be named', { exitCode: 2 })
  return {
    types: named.length ? [...named, ...args.positional.filter(isType)] : ['all'],
    section: words[0] === undefined ? undefined : requireSection(words[0]),
  }
}

function typesOf(scope: Scope, isIncluded: boolean): string[] {
  return [
    ...(scope.isManifest ? ['env'] : []),
    ...(isIncluded ? ['include'] : []),
    ...(scope.kind === 'internal' ? ['internal'] : ['path']),
  ]
}

function statusOf(made: Configuration, scope: Scope, section: SectionName | undefined): string {
  if (!made.activeScopes.includes(scope)) return 'override'
  return section === undefined || scope.section(section) ? 'active' : 'absent'
}

function placeOf(scope: Scope, section: SectionName | undefined): string {
  if (scope.path === undefined) return ''
  const file = section === undefined ? undefined : sectionFile(scope, section)
  return file !== undefined && existsSync(file) ? file : `${scope.path}/`
}

interface Row {
  cells: readonly string[]
  isHeader?: boolean
  isDim?: boolean
}

function tableLines(rows: readonly Row[], hasColour: boolean): string[] {
  const widths = (rows[0]?.cells ?? []).map((_, column) => Math.max(...rows.map(({ cells }) => cells[column]!.length)))
  return rows.map(({ cells, isHeader, isDim }) => {
    const line = cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd()
    return isHeader ? paint(hasColour, 'boldCyan', line) : paint(hasColour && isDim === true, 'dim', line)
  })
}
