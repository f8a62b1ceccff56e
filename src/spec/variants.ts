// How the variants of two specs relate. A variant that is not exact has at least the given values; one with no values
// at all (`v=*`) is only asked to be there.

import { SpackError } from '../ui/error.ts'
import type { Spec, Variant } from './spec.ts'
import { sortTexts } from './text-order.ts'
import { reachableNodes } from './traverse-edges.ts'

export type Variants = ReadonlyMap<string, Variant>

const equalValues = (a: Variant, b: Variant): boolean =>
  a.values.length === b.values.length && a.values.every((value, index) => value === b.values[index])

const includesAll = (a: Variant, b: Variant): boolean => b.values.every((value) => a.values.includes(value))

/** Whether all that `a` may become is allowed by `b`. Digests of patches may be shortened in `b`. */
function variantSatisfies(name: string, a: Variant, b: Variant): boolean {
  if (b.isExact) return a.isExact && equalValues(a, b)
  if (name !== 'patches') return includesAll(a, b)
  return b.values.every((start) => a.values.some((digest) => String(digest).startsWith(String(start))))
}

function variantIntersects(a: Variant, b: Variant): boolean {
  if (a.isExact) return b.isExact ? equalValues(a, b) : includesAll(a, b)
  return !b.isExact || includesAll(b, a)
}

/** Whether the variants of `a` satisfy those of `b`; propagated ones hold for every node that has them. */
export function variantsSatisfy(a: Spec, b: Spec): boolean {
  for (const [name, asked] of b.variants) {
    if (asked.propagate) continue
    const own = a.variants.get(name)
    if (!own) return false
    if (own.propagate && !a.concrete) return false
    if (!variantSatisfies(name, own, asked)) return false
  }
  return nodesAgreeWith(a, b) && (a.concrete !== null || nodesAgreeWith(b, a))
}

/** Whether no node of `spec` contradicts what `source` propagates. */
function nodesAgreeWith(spec: Spec, source: Spec): boolean {
  const propagated = [...source.variants].filter(([, variant]) => variant.propagate)
  if (!propagated.length) return true
  return reachableNodes(spec).every((node) =>
    propagated.every(([name, variant]) => {
      const own = node.variants.get(name)
      return !own || variantSatisfies(name, own, variant)
    }),
  )
}

export function variantsIntersect(a: Variants, b: Variants): boolean {
  for (const [name, variant] of b) {
    const own = a.get(name)
    if (own && !variantIntersects(own, variant)) return false
  }
  return true
}

/** `variants` and those of `b`; the same object when nothing changes. Throws SpackError `unsatisfiable`. */
export function constrainVariants(variants: Variants, b: Variants): Variants {
  let changed: Map<string, Variant> | undefined
  for (const [name, asked] of b) {
    const own = variants.get(name)
    const merged = own ? mergeVariants(name, own, asked) : asked
    if (merged !== own) (changed ??= new Map(variants)).set(name, merged)
  }
  return changed ?? variants
}

const kindOrder = ['bool', 'single', 'multi'] as const

function mergeVariants(name: string, a: Variant, b: Variant): Variant {
  if (!variantIntersects(a, b)) {
    throw new SpackError('unsatisfiable', `variant \`${name}\` cannot be both ${describe(a)} and ${describe(b)}`)
  }
  const values = unite(a.values, b.values)
  const propagate = a.propagate && b.propagate
  const exact = a.isExact || b.isExact
  const kind = kindOrder.indexOf(b.kind) < kindOrder.indexOf(a.kind) ? b.kind : a.kind
  const isSame = values === a.values && propagate === a.propagate && exact === a.isExact && kind === a.kind
  return isSame ? a : { kind, values, isExact: exact, propagate }
}

/** Booleans exclude each other, so that there is never one among others. */
function unite(a: Variant['values'], b: Variant['values']): Variant['values'] {
  if (b.every((value) => a.includes(value))) return a
  return a.length ? sortTexts(new Set([...a, ...b].map(String))) : b
}

const describe = ({ values }: Variant): string => `\`${values.join(',') || '*'}\``
