// Canonical texts of the specs and conditions of recipes. The same few texts come thousands of times, so all are kept.

import { constrain } from '../spec/constrain.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { emptySpec, type Spec } from '../spec/spec.ts'
import type { Constraint } from './recipe.ts'

const parsed = new Map<string, Spec>()
const printed = new Map<string, Constraint>()
const merged = new Map<string, Constraint>()

/** The spec of a text, shared: not to be changed. Throws SpackError `spec-syntax`. */
export function specOf(text: string): Spec {
  const known = parsed.get(text)
  if (known) return known
  const spec = text.trim() === '' ? emptySpec() : parseSpec(text)
  parsed.set(text, spec)
  return spec
}

/** The canonical text of a spec. Throws SpackError `spec-syntax`. */
export function canonicalText(text: string): Constraint {
  const known = printed.get(text)
  if (known !== undefined) return known
  const canonical = printSpec(specOf(text))
  printed.set(text, canonical)
  return canonical
}

/**
 * The canonical text of conditions that must all hold. Throws SpackError `unsatisfiable` when they exclude each other,
 * and as `canonicalText`.
 */
export function conditionText(conditions: readonly string[]): Constraint {
  if (conditions.length === 0) return ''
  if (conditions.length === 1) return canonicalText(conditions[0]!)
  const key = conditions.join('\0')
  const known = merged.get(key)
  if (known !== undefined) return known
  const all = emptySpec()
  for (const condition of conditions) constrain(all, specOf(condition))
  const text = printSpec(all)
  merged.set(key, text)
  return text
}
