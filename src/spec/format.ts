// Format strings: `{name}{@version}{/hash:7}`, as `find --format`, projections and trees use them. `{…}` selects an
// attribute; a sigil or `key=` in front is printed only with it; `^dep.` takes the attribute of a dependency; `\` escapes.

import { SpackError } from '../ui/error.ts'
import { wordPattern } from '../word-pattern.ts'
import { paintAs } from './colour.ts'
import { type AttributeContext, type AttributeValue, member, printValue } from './format-attributes.ts'
import { dagHash } from './node.ts'
import type { Spec } from './spec.ts'
import { compareTexts } from './text-order.ts'
import { findDependency } from './traverse-edges.ts'
import { printVariant } from './variant-text.ts'
import { isAnyVersion } from './version-list.ts'

/** What can be read back as the same node. */
export const defaultFormat =
  '{name}{@versions}{compiler_flags}{variants}{ namespace=namespace_if_anonymous}' +
  '{ platform=architecture.platform}{ os=architecture.os}{ target=architecture.target}{/abstract_hash}'

/** For readers: versions without `=`, and the compilers. */
export const displayFormat = `${defaultFormat.replace('{@versions}', '{@version}')}{compilers}`

/** For readers, with the beginning of the hash. */
export const shortFormat =
  '{name}{@version}{variants}{ platform=architecture.platform}{ os=architecture.os}' +
  '{ target=architecture.target}{/hash:7}'

export interface FormatOptions extends AttributeContext {
  colour?: boolean
  /** Versions and variants to be pointed out, where output is coloured. */
  highlightVersion?: (spec: Spec) => boolean
  highlightVariant?: (spec: Spec, name: string) => boolean
}

/**
 * Prints a spec by a format string. What is not set prints nothing. Throws SpackError `format-string` for a string
 * that is not well formed or names an attribute, a variant or a dependency that is not there.
 */
export function formatSpec(spec: Spec, format: string, options: FormatOptions = {}): string {
  return compileFormat(format)
    .map((piece) => (typeof piece === 'string' ? piece : formatField(spec, piece, options)))
    .join('')
    .trim()
}

/** A compiled `{…}`. */
interface Field {
  sigil: string
  /** The name after `^`. */
  dependency: string | null
  /** null: the hash. */
  path: readonly string[] | null
  hashLength: number | undefined
  colour: string | null
  format: string
}
type Piece = string | Field

const fieldPattern = wordPattern(
  String.raw`\\(.)|\{( ?[%@/]|[\w ][\w -]*=)?(?:\^([^}.]+)\.)?(?:(hash\b)(?::(\d+))?|([^}]*))(\})?|(\})`,
  'gi',
)

const cacheLimit = 1000
const compiled = new Map<string, readonly Piece[]>()

function compileFormat(format: string): readonly Piece[] {
  let pieces = compiled.get(format)
  if (pieces) return pieces
  pieces = readFormat(format)
  if (compiled.size >= cacheLimit) compiled.clear()
  compiled.set(format, pieces)
  return pieces
}

function readFormat(format: string): Piece[] {
  const oldSyntax = /\$\{[A-Z]+\}/.exec(format)
  if (oldSyntax) throw badFormat(format, `\`${oldSyntax[0]}\` is the syntax of an old version`)
  const pieces: Piece[] = []
  let end = 0
  for (const match of format.matchAll(fieldPattern(format))) {
    const [whole, escaped, sigil = '', dependency, hash, hashLength, attribute, close, strayClose] = match
    if (match.index > end) pieces.push(format.slice(end, match.index))
    end = match.index + whole.length
    if (escaped !== undefined) {
      pieces.push(escaped)
      continue
    }
    if (strayClose) throw badFormat(format, 'a `}` has no `{`')
    if (!close) throw badFormat(format, 'a `{` has no `}`')
    const path = hash ? null : readPath(format, attribute!.toLowerCase())
    checkSigil(format, sigil, path)
    pieces.push({
      sigil,
      dependency: dependency ?? null,
      path,
      hashLength: hashLength === undefined ? undefined : Number(hashLength),
      colour: fieldColour(sigil, path),
      format,
    })
  }
  if (end < format.length) pieces.push(format.slice(end))
  return pieces
}

function readPath(format: string, attribute: string): string[] {
  const path = attribute.split('.')
  if (path.includes('')) throw badFormat(format, 'an attribute has no name')
  const hidden = path.find((part) => part.startsWith('_'))
  if (hidden) throw badFormat(format, `\`${hidden}\` is not an attribute`)
  return path
}

/** `@`, `%` and `/` go with versions, compilers and hashes; any word with `=` goes with everything. */
function checkSigil(format: string, sigil: string, path: readonly string[] | null): void {
  const refuse = (what: string) => {
    throw badFormat(format, `\`${sigil}\` goes with ${what} only, not with \`${path?.join('.') ?? 'hash'}\``)
  }
  if (path === null) {
    if (sigil && sigil !== '/') refuse('other attributes')
    return
  }
  const attribute = path.join('.')
  if (sigil === '@' && !['version', 'versions'].includes(path.at(-1)!)) refuse('versions')
  if (sigil === '%' && !['compiler', 'compiler.name'].includes(attribute)) refuse('compilers')
  if (sigil === '/' && attribute !== 'abstract_hash') refuse('hashes')
}

/** Which colour a field has, by the first of its words that has one. */
function fieldColour(sigil: string, path: readonly string[] | null): string | null {
  if (path === null) return 'K'
  const has = (...words: string[]) => words.some((word) => path.includes(word))
  if (has('architecture')) return 'm'
  if (has('variants') || sigil.endsWith('=')) return 'B'
  if (has('compiler', 'compilers', 'compiler_flags')) return 'g'
  return has('version', 'versions') ? 'c' : null
}

const highlightColour = '_R'

function formatField(spec: Spec, field: Field, options: FormatOptions): string {
  const { dependency, path, sigil } = field
  const node = dependency === null ? spec : requireDependency(spec, dependency, field.format)
  if (path === null) return paint(field.colour, sigil + dagHash(node).slice(0, field.hashLength), options)
  const value = followPath(node, path, field.format, { ...options, root: options.root ?? spec })
  if (value === null) return ''
  if (value.kind === 'none') return value.text
  if (value.kind === 'variants' && options.colour && options.highlightVariant) {
    return paintVariants(node, field, options)
  }
  const isVersion = field.colour === 'c'
  const colour = isVersion && options.highlightVersion?.(node) ? highlightColour : field.colour
  const text = printValue(value)
  return text ? paint(colour, sigil + text, options) : sigil
}

const paint = (colour: string | null, text: string, { colour: isColoured }: FormatOptions): string =>
  isColoured && colour ? paintAs(colour, text) : text

function paintVariants(node: Spec, { sigil, colour }: Field, options: FormatOptions): string {
  const texts = { bool: '', other: '' }
  for (const [name, variant] of [...node.variants].sort(([a], [b]) => compareTexts(a, b))) {
    const used = options.highlightVariant!(node, name) ? highlightColour : colour
    const painted = paint(used, sigil + printVariant(name, variant), options)
    if (variant.kind === 'bool') texts.bool += painted
    else texts.other += ` ${painted}`
  }
  return texts.bool + texts.other
}

/** What stands behind a colon (`^mpi:cxx`) is for recipes and does not matter here. */
function requireDependency(spec: Spec, dependency: string, format: string): Spec {
  const [name, , ...rest] = dependency.split(':')
  const found = rest.length ? null : findDependency(spec, name!)
  if (found) return found
  throw badFormat(format, `\`${spec.name ?? ''}\` has no dependency \`${dependency}\``)
}

/** The value at the end of a path of attributes; null when something on the way is not set. */
function followPath(
  node: Spec,
  path: readonly string[],
  format: string,
  context: AttributeContext,
): AttributeValue | null {
  let value: AttributeValue = { kind: 'spec', spec: node }
  for (const [index, part] of path.entries()) {
    const next: AttributeValue | null | undefined = member(value, part, context)
    if (next === undefined) {
      const owner = index ? `\`${path.slice(0, index).join('.')}\`` : 'a spec'
      throw badFormat(format, `${owner} has no attribute \`${part}\``)
    }
    if (next === null || next.kind === 'none') return next
    if (next.kind === 'versions' && isAnyVersion(next.versions)) return null
    value = next
  }
  return value
}

const badFormat = (format: string, reason: string): SpackError =>
  new SpackError('format-string', `format string \`${format}\`: ${reason}`)
