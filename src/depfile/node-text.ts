// What a depfile says about a spec, read straight from its dictionary. Making specs of 800 nodes and printing them by
// format strings takes 60 ms when nothing is warm yet, half of what a whole `spack env depfile` may take; this takes 5 ms.
// Tests compare both over all lockfiles of the kit.

import { visitMembers } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import { isFlagKind } from '../spec/spec.ts'
import { asBool, multiVariant, printVariant, singleVariant } from '../spec/variant-text.ts'

/** The format string of the text that `nodeText` gives. */
export const nodeTextFormat =
  '{name}{@version}{variants}{ platform=architecture.platform}{ os=architecture.os}{ target=architecture.target}'

/** A concrete spec for people: name, version, variants and architecture. */
export function nodeText(node: SpecNode): string {
  const { arch } = node
  const version = node.version === undefined ? '' : `@${node.version}`
  const place = arch ? ` platform=${arch.platform} os=${arch.platform_os} target=${targetName(node)}` : ''
  return `${node.name}${version}${variantsText(node)}${place}`
}

function variantsText(node: SpecNode): string {
  const values: [name: string, value: unknown][] = node.patches?.length ? [['patches', node.patches]] : []
  visitMembers(node.parameters ?? {}, (name, value) => {
    if (!isFlagKind(name) && name !== 'patches') values.push([name, value])
  })
  // Names are ASCII: the order of code units is that of Spack.
  values.sort(([a], [b]) => (a < b ? -1 : 1))
  let [bools, others] = ['', '']
  for (const [name, value] of values) {
    const bool = typeof value === 'boolean' ? value : Array.isArray(value) ? undefined : asBool(String(value))
    if (bool === undefined) others += ` ${valueText(name, value)}`
    else bools += `${bool ? '+' : '~'}${name}`
  }
  return bools + others
}

const valueText = (name: string, value: unknown): string =>
  Array.isArray(value)
    ? printVariant(name, multiVariant(value.map(String), { isExact: true }))
    : printVariant(name, singleVariant(String(value)))

function targetName({ arch }: SpecNode): string {
  const target = arch!.target
  return typeof target === 'string' ? target : (target?.name ?? '')
}

type Field = (node: SpecNode) => string

const fields: Readonly<Record<string, Field>> = {
  name: ({ name }) => name,
  version: ({ version }) => version ?? '',
  hash: ({ hash }) => hash!,
  'architecture.platform': ({ arch }) => arch?.platform ?? '',
  'architecture.os': ({ arch }) => arch?.platform_os ?? '',
  'architecture.target': (node) => (node.arch ? targetName(node) : ''),
}

/**
 * A function for the paths that a projection gives to nodes, or null when it asks for more than plain attributes: then
 * specs have to be made.
 */
export function plainProjection(template: string): Field | null {
  const components = template.split('/').filter((part) => part && part !== '.')
  if (template.startsWith('/') || components.includes('..')) return null
  const printed = components.map(plainComponent)
  if (!printed.every((field) => field !== null)) return null
  return (node) => printed.map((field) => safeComponent(field(node))).join('/')
}

const safeComponent = (text: string): string =>
  /[^A-Za-z0-9_+.-]/.test(text) ? text.replace(/[^A-Za-z0-9_+.-]/g, '_') : text

function plainComponent(component: string): Field | null {
  const pieces: (string | Field)[] = []
  for (const [piece, braced] of component.matchAll(/\{([^{}]*)\}|[^{}\\$]+|./g)) {
    if (braced === undefined) {
      if (/[{}\\$]/.test(piece)) return null
      pieces.push(piece)
      continue
    }
    const [name, length] = braced.split(':') as [string, string?]
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!field || (length !== undefined && (name !== 'hash' || !/^\d+$/.test(length)))) return null
    pieces.push(length === undefined ? field : (node) => field(node).slice(0, Number(length)))
  }
  return (node) => pieces.map((piece) => (typeof piece === 'string' ? piece : piece(node))).join('')
}
