// The seam to the recipe's own `patch` function, which only a running recipe can carry out.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recipes } from '../recipes/recipes.ts'
import type { Spec } from '../spec/spec.ts'
import type { PatchFunction } from '../stage/stage.ts'
import type { Invocation } from './invocation.ts'

/** How the function of a spec's recipe is run; undefined for a recipe without one. */
export function recipePatchFunction(
  { say }: Pick<Invocation, 'say'>,
  recipes: Recipes,
  spec: Spec,
): PatchFunction | undefined {
  const { folder, recipe } = recipes.require(spec.name!, spec.namespace)
  const inherited = Array.isArray(recipe.inherits) ? recipe.inherits.map(String) : []
  const folders = [folder, ...inherited.flatMap((name) => recipes.find(name)?.folder ?? [])]
  if (!folders.some((each) => hasPatchFunction(join(each, 'package.py')))) return undefined
  say(`==> Warning: the recipe of ${spec.name} has a function \`patch()\`, which runs when it is installed\n`)
  return 'later'
}

const hasPatchFunction = (file: string): boolean => /^\s+(async\s+)?def\s+patch\s*\(/m.test(readFileSync(file, 'utf8'))
