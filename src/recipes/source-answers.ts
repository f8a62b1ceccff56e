// What only a running recipe can tell about the sources of a spec: a question to a guest.

import { formatSpec } from '../spec/format.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { SpackError } from '../ui/error.ts'
import { guestHost, runInGuests } from './guest-process.ts'
import type { FoundRecipe, Recipes } from './recipes.ts'

export interface SourceAnswers {
  /** By the recipe's own rule, if it has one. */
  url: string | null
  /** What a function of the recipe chooses. */
  submodules: true | readonly string[] | null
  /** What to do where nothing can be fetched. */
  instructions: string | null
}

const timeoutMs = 60_000

type Answer = SourceAnswers | { failed: string; message: string; where: string | null }

/** Whether the index leaves something open about the sources of this recipe. */
export const needsAnswers = (found: FoundRecipe): boolean =>
  found.recipe.source.custom_url_for_version === true ||
  found.recipe.manual_download === true ||
  choosesSubmodules(found)

/** Whether a function of the recipe chooses submodules. */
export function choosesSubmodules({ recipe: { source, versions } }: FoundRecipe): boolean {
  const isFunction = (value: unknown) => typeof value === 'object' && value !== null && 'dynamic' in value
  return isFunction(source.submodules) || versions.some(({ submodules }) => isFunction(submodules))
}

/** Asks the recipe of a spec. Throws SpackError `recipe` when it fails, and `no-python`. */
export async function askAboutSources(
  spec: Spec,
  found: FoundRecipe,
  recipes: Recipes,
  environ: NodeJS.ProcessEnv,
): Promise<SourceAnswers> {
  const { repository, folder, recipe } = found
  let answer: Answer | undefined
  const options = {
    repositories: Object.fromEntries(recipes.repositories.map(({ namespace, root }) => [namespace, root])),
    host: guestHost(),
    count: 1,
    python: environ.SPACK_PYTHON || 'python3',
    timeoutMs,
    environ,
  }
  await runInGuests<string, Answer>([wholeText(spec)], options, {
    listLength: 1,
    request: ([text]) => ({
      sources_of: text,
      namespace: repository.namespace,
      folder: folder.slice(folder.lastIndexOf('/') + 1),
    }),
    take: (given) => {
      answer = given
    },
    fail: (_, message) => {
      answer = { failed: recipe.name, message, where: null }
    },
  })
  if (answer && !('failed' in answer)) return answer
  throw new SpackError('recipe', `the recipe of \`${recipe.name}\` does not tell its sources: ${answer?.message}`, {
    ...(answer?.where ? { where: answer.where } : {}),
    hint: 'correct the recipe',
  })
}

const nodeFormat =
  '{name}{@versions}{variants}{ platform=architecture.platform}{ os=architecture.os}{ target=architecture.target}'

/** All nodes as a text that can be read back without the hashes. */
const wholeText = (spec: Spec): string =>
  traverseNodes([spec])
    .map((node) => formatSpec(node, nodeFormat))
    .join(' ^')
