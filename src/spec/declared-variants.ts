// Variants as packages declare them. As it is written, `libs=shared` asks for at least `shared`; only the package knows
// whether the variant takes several values or one, and which.

import { SpackError } from '../ui/error.ts'
import type { PackageFacts } from './facts.ts'
import { intersects } from './satisfies.ts'
import { type Spec, setVariant, type Variant } from './spec.ts'

export interface DeclaredVariant {
  name: string
  /** Null: always. */
  when: Spec | null
  kind: Variant['kind']
  /** Null: any. */
  values: readonly (string | boolean)[] | null
}

/** The variants of a package, or undefined when there is no such package. */
export type VariantFacts = (packageName: string) => readonly DeclaredVariant[] | undefined

/** Variants that exist without being declared. */
const reservedNames = new Set(
  'arch architecture branch commit dev_path namespace operating_system os patches platform ref tag target'.split(' '),
)

/**
 * Gives the variants of `spec` the kinds that its package declares; unknown variants stay as they are. Throws SpackError
 * `unknown-package` or `variant-value`.
 */
export function declareVariants(spec: Spec, variants: VariantFacts, facts: PackageFacts | undefined): void {
  for (const [name, variant] of spec.variants) {
    if (variant.isExact && variant.kind === 'multi') continue
    if (name === 'dev_path' || name === 'commit') setVariant(spec, name, { ...variant, kind: 'single', isExact: true })
    if (reservedNames.has(name)) continue
    const declared = packageVariants(spec, variants).filter((each) => each.name === name)
    const possible = declared.filter(({ when }) => when === null || intersects(when, spec, { facts }))
    if (declared.length > 0 && possible.length === 0) {
      throw new SpackError('variant-value', `\`${spec.name}\` has no variant \`${name}\` under these conditions`)
    }
    if (possible.length === 1) setVariant(spec, name, declareVariant(spec, name, variant, possible[0]!))
  }
}

function packageVariants(spec: Spec, variants: VariantFacts): readonly DeclaredVariant[] {
  const found = variants(spec.name ?? '')
  if (!found) throw new SpackError('unknown-package', `there is no package \`${spec.name ?? ''}\``)
  return found
}

function declareVariant(spec: Spec, name: string, variant: Variant, declared: DeclaredVariant): Variant {
  const { kind, values } = declared
  if (kind !== 'multi' && variant.values.length !== 1) {
    throw new SpackError('variant-value', `\`${name}\` of \`${spec.name}\` takes one value`)
  }
  const refused = variant.values.find((value) => value !== '*' && values && !values.includes(value))
  if (refused !== undefined) {
    throw new SpackError('variant-value', `\`${name}\` of \`${spec.name}\` cannot be \`${String(refused)}\``)
  }
  return { ...variant, kind, isExact: kind !== 'multi' || variant.isExact, propagate: false }
}
