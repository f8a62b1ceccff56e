// Concrete specs as `spack spec` and `spack solve` print them: trees, or whole specs for other programs.

import { displayFormat, formatSpec } from '../spec/format.ts'
import type { Spec } from '../spec/spec.ts'
import { printSpecJson, printSpecYaml } from '../spec/spec-file.ts'
import { traverseNodes } from '../spec/traverse.ts'
import type { Cover } from '../spec/traverse-edges.ts'
import { specTree } from '../spec/tree.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Flag, flagOn, flagText } from './command.ts'
import { openInstalled, statusOf } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { type NonDefaults, nonDefaults } from './non-defaults.ts'

export const treeFlags: readonly Flag[] = [
  { name: 'long', short: 'l', help: 'show dependency hashes as well as versions' },
  { name: 'very-long', short: 'L', help: 'show full dependency hashes as well as versions' },
  { name: 'namespaces', short: 'N', help: 'show fully qualified package names' },
  { name: 'install-status', short: 'I', help: 'show install status of packages (default)' },
  { name: 'no-install-status', help: 'do not show install status annotations' },
  { name: 'yaml', short: 'y', help: 'print concrete spec as YAML' },
  { name: 'json', short: 'j', help: 'print concrete spec as JSON' },
  { name: 'format', kind: 'string', value: 'FORMAT', help: 'print concrete spec with the specified format string' },
  { name: 'non-defaults', help: 'highlight non-default versions or variants' },
  {
    name: 'cover',
    short: 'c',
    kind: 'string',
    choices: ['nodes', 'edges', 'paths'],
    help: 'how extensively to traverse the DAG (default: nodes)',
  },
  { name: 'types', short: 't', help: 'show dependency types' },
]

const exclusive = [
  ['install-status', 'no-install-status'],
  ['yaml', 'json', 'format', 'non-defaults'],
]

/** Throws SpackError `usage` for flags that exclude each other. */
export function checkTreeFlags(args: Arguments): void {
  for (const names of exclusive) {
    const given = names.filter((name) => flagOn(args, name) || flagText(args, name) !== undefined)
    if (given.length < 2) continue
    throw new SpackError('usage', `\`--${given[0]}\` and \`--${given[1]}\` exclude each other`, { exitCode: 2 })
  }
}

/** Whether specs are to be printed whole, and not as trees. */
export const asksForWhole = (args: Arguments): boolean =>
  flagOn(args, 'yaml') || flagOn(args, 'json') || flagText(args, 'format') !== undefined

/** Specs as YAML, as JSON, or by a format, each on lines of its own. */
export async function wholeSpecs(specs: readonly Spec[], args: Arguments, invocation: Invocation): Promise<string> {
  const format = flagText(args, 'format')
  const texts = specs.map(async (spec) => {
    if (flagOn(args, 'yaml')) return await printSpecYaml(spec)
    if (flagOn(args, 'json')) return `${printSpecJson(spec)}\n`
    return `${formatSpec(spec, format!, { colour: invocation.stdoutHasColour })}\n`
  })
  return (await Promise.all(texts)).join('')
}

/** Specs with all that they depend on as trees, with an empty line at the end. */
export async function specTrees(invocation: Invocation, args: Arguments, specs: readonly Spec[]): Promise<string> {
  const colour = invocation.stdoutHasColour
  const highlight: NonDefaults =
    flagOn(args, 'non-defaults') && colour ? await nonDefaults(invocation, traverseNodes(specs)) : {}
  const lines = specTree(specs, {
    ...highlight,
    colour,
    cover: flagText(args, 'cover') as Cover | undefined,
    format: flagOn(args, 'namespaces') ? `{namespace}.${displayFormat}` : displayFormat,
    hashes: flagOn(args, 'long') || flagOn(args, 'very-long'),
    hashLength: flagOn(args, 'very-long') ? undefined : 7,
    showTypes: flagOn(args, 'types'),
    status: flagOn(args, 'no-install-status') ? undefined : statusOf(await openInstalled(invocation)),
  })
  return `${lines.join('\n')}\n\n`
}
