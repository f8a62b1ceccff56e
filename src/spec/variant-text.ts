// The value of a variant: read from what was typed, made from parts, printed in canonical form.

import { SpackError } from '../ui/error.ts'
import { quoteValue } from './quoting.ts'
import type { Variant } from './spec.ts'
import { sortTexts } from './text-order.ts'

const makeBool = (value: boolean, propagate: boolean): Variant =>
  Object.freeze({ kind: 'bool', values: Object.freeze([value]), isExact: true, propagate })

const bools = [false, true].map((value) => [makeBool(value, false), makeBool(value, true)] as const)

/** `+name` or `~name`, or propagated `++name`, `~~name`. */
export const boolVariant = (value: boolean, propagate = false): Variant => bools[Number(value)]![Number(propagate)]!

/** A variant of at least, or with `isExact` of exactly, these values. Throws SpackError `variant-value`. */
export function multiVariant(values: readonly string[], options: { isExact?: boolean; propagate?: boolean }): Variant {
  if (values.includes('*')) {
    throw new SpackError('variant-value', '`*` stands for any value and cannot be one of several', {
      hint: 'list the values, or write `name=*` for any value',
    })
  }
  const { isExact = false, propagate = false } = options
  return { kind: 'multi', values: values.length > 1 ? sortTexts(new Set(values)) : values, isExact, propagate }
}

/** Exactly one value, as concrete specs have it. */
export const singleVariant = (value: string, propagate = false): Variant => ({
  kind: 'single',
  values: [value],
  isExact: true,
  propagate,
})

/** What `name=VALUE` means. Throws SpackError `variant-value`. */
export function parseVariant(value: string, options: { isExact: boolean; propagate: boolean }): Variant {
  const word = asBool(value)
  if (word !== undefined) return boolVariant(word, options.propagate)
  if (value === '*') return multiVariant([], { propagate: options.propagate })
  return multiVariant(value.includes(',') ? value.split(',') : [value], options)
}

/** The boolean that a word stands for, in whatever case. */
export function asBool(word: string): boolean | undefined {
  if (word.length === 4 && word.toUpperCase() === 'TRUE') return true
  if (word.length === 5 && word.toUpperCase() === 'FALSE') return false
  return undefined
}

const shownDigestLength = 7

/** Canonical text: `+name`, `name=a,b`, `name:=a,b`; propagated `++name`, `name==a`. */
export function printVariant(name: string, { kind, values, isExact, propagate }: Variant): string {
  if (kind === 'bool') {
    const sign = values[0] === true ? '+' : '~'
    return (propagate ? sign + sign : sign) + name
  }
  const delimiter = (kind === 'multi' && isExact ? ':=' : '=') + (propagate ? '=' : '')
  // Digests of patches are long; a concrete spec shows the start of each.
  const shown =
    name === 'patches' && isExact ? values.map((digest) => String(digest).slice(0, shownDigestLength)) : values
  return name + delimiter + quoteValue(values.length ? shown.join(',') : '*')
}
