// What a recipe says an installation is, as a spec: text that came out of other people's programs, and is checked.

import { specOf } from '../recipes/constraint-text.ts'
import type { Recipe } from '../recipes/recipe.ts'
import { type DeclaredVariant, declareVariants } from '../spec/declared-variants.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { namedVersion } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'

/** The spec of a text such as `gcc@12.2.0 languages:=c`, or why it cannot be used. */
export function readDetectedSpec(
  text: string,
  recipe: (name: string) => Recipe | undefined,
): { spec: Spec } | { refusal: string } {
  try {
    const spec = parseSpec(text)
    if (!spec.name || !namedVersion(spec.versions)) {
      return { refusal: `its recipe found \`${text.trim()}\`, which has no single version` }
    }
    checkVariants(spec, recipe(spec.name))
    // What is compared with the configuration is what will be read from it.
    return { spec: parseSpec(printSpec(spec)) }
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    return { refusal: `its recipe found \`${text.trim()}\`: ${error.message}` }
  }
}

function checkVariants(spec: Spec, recipe: Recipe | undefined): void {
  if (!recipe) throw new SpackError('unknown-package', `there is no package \`${spec.name}\``)
  const declared = declaredVariants(recipe)
  const unknown = [...spec.variants.keys()].find((name) => !declared.some((each) => each.name === name))
  if (unknown !== undefined) throw new SpackError('variant', `\`${spec.name}\` has no variant \`${unknown}\``)
  declareVariants(spec, () => declared, undefined)
}

/** The variants of a recipe, each definition for itself. */
const declaredVariants = ({ variants }: Recipe): DeclaredVariant[] =>
  variants.map(({ name, when, type, values }) => ({
    name,
    when: when ? specOf(when) : null,
    kind: type,
    values: values?.map((value) => (typeof value === 'object' ? value.value : value)) ?? null,
  }))
