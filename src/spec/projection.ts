// Templates for paths: format strings of which every component is made safe, chosen by conditions on the spec. They
// decide where a spec is installed (`config:install_tree:projections`) and where a view puts it.

import { SpackError } from '../ui/error.ts'
import { type FormatOptions, formatSpec } from './format.ts'
import { parseSpec } from './parser.ts'
import { type RelationOptions, satisfies } from './satisfies.ts'
import type { Spec } from './spec.ts'

/** Templates by condition, in the order in which they are tried. `all` applies where nothing else does. */
export type Projections = Readonly<Record<string, string>>

/**
 * The template whose condition a spec satisfies first, else that of `all`; null when there is none. Variables (`$spack`)
 * are the caller's to replace. Throws as `parseSpec` and `satisfies` for bad conditions.
 */
export function selectProjection(projections: Projections, spec: Spec, options: RelationOptions = {}): string | null {
  for (const [condition, template] of Object.entries(projections)) {
    if (satisfies(spec, parseCondition(condition), options)) return template
  }
  return projections.all ?? null
}

const conditions = new Map<string, Spec>()

function parseCondition(text: string): Spec {
  const known = conditions.get(text)
  if (known) return known
  const condition = parseSpec(text)
  conditions.set(text, condition)
  return condition
}

/**
 * The path that projections give to a spec. Throws SpackError `no-projection` when none applies, and as
 * `selectProjection` and `formatPath`.
 */
export function projectSpec(
  projections: Projections,
  spec: Spec,
  options: FormatOptions & RelationOptions = {},
): string {
  const template = selectProjection(projections, spec, options)
  if (template !== null) return formatPath(spec, template, options)
  throw new SpackError('no-projection', `no projection applies to \`${spec.name ?? ''}\``, {
    hint: 'add one for `all`',
  })
}

/**
 * Prints a spec by a format string that is a path. Every component is printed by itself, and what may not stand in a
 * file name becomes `_`, so that only the slashes of the template separate. Throws SpackError `format-string`.
 */
export function formatPath(spec: Spec, template: string, options: FormatOptions = {}): string {
  if (/\{[^}]*[/\\][^}]*\}/.test(template)) {
    throw new SpackError('format-string', `path \`${template}\`: there may be no slash between braces`)
  }
  const components = splitPath(template).map((part) =>
    formatSpec(spec, part, options).replace(/[^A-Za-z0-9_+.-]/gu, '_'),
  )
  const path = splitPath(components.join('/')).join('/')
  // As in POSIX, two slashes in front are not the same as one; more are.
  const root = /^\/\/(?!\/)/.test(template) ? '//' : template.startsWith('/') ? '/' : ''
  return root + path || '.'
}

/** Components of a path without empty ones and `.`. */
const splitPath = (path: string): string[] => path.split('/').filter((part) => part && part !== '.')
