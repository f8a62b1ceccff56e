// Which concrete specs a command about sources is to work on: of the active environment, installed ones, of files, or, when
// no spec is given, the whole environment.

import { lockfileSpecs, meantSpecs } from '../environment/locked-specs.ts'
import { allRoots } from '../environment/lockfile.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { SpackError } from '../ui/error.ts'
import { readSpecWords } from './concrete-matches.ts'
import { concretizeRequests } from './concretize-requests.ts'
import type { WorldOptions } from './concretizer-world.ts'
import { activeEnvironment } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'

/** The roots of the active environment in the order of the lockfile. Throws SpackError `usage` when there is none. */
export async function environmentRootSpecs(invocation: Invocation, command: string): Promise<Spec[]> {
  const { lockfile, specs } = await activeLocked(invocation, command)
  return allRoots(lockfile).map(({ hash }) => specs.get(hash)!)
}

/** All specs of the active environment. Throws as `environmentRootSpecs`. */
export async function environmentSpecs(invocation: Invocation, command: string): Promise<Spec[]> {
  return [...(await activeLocked(invocation, command)).specs.values()]
}

async function activeLocked(invocation: Invocation, command: string) {
  const environment = await activeEnvironment(invocation)
  if (!environment) {
    throw new SpackError('usage', `\`${command}\` needs a spec, or an active environment`, {
      exitCode: 2,
      hint: `name a spec, its hash (\`/abcdefg\`) or a file \`spec.json\`, or an environment: \`spack -e DIR ${command.replace(/^spack /, '')}\``,
    })
  }
  const lockfile = readLocked(environment)
  return { lockfile, specs: lockfileSpecs(lockfile) }
}

/**
 * The concrete specs that words mean: files with specs, specs of the active environment, installed ones, and what
 * the concretizer makes of the others. Throws SpackError `no-match`, `ambiguous`, and as `concretizeRequests`.
 */
export async function concreteSpecs(
  invocation: Invocation,
  words: readonly string[],
  options: WorldOptions = {},
): Promise<Spec[]> {
  const asked = await readSpecWords(invocation, words)
  const environment = await activeEnvironment(invocation)
  const locked = environment ? meantSpecs(readLocked(environment)) : () => []
  const known = asked.map((spec) => (spec.concrete ? spec : lockedMatch(spec, locked(spec))))
  const open = asked.filter((_, at) => !known[at])
  const concretized = (open.length ? await concretizeRequests(invocation, open, options) : []).values()
  const found = known.map((spec) => spec ?? concretized.next().value!)
  return [...new Map(found.map((spec) => [spec.concrete!.hash, spec])).values()]
}

/** What an abstract spec means in the active environment: one spec, or none. Throws SpackError `ambiguous`. */
export async function lockedMatches(invocation: Invocation, asked: Spec): Promise<Spec[]> {
  const environment = await activeEnvironment(invocation)
  if (!environment) return []
  const matches = meantSpecs(readLocked(environment))(asked).filter((spec) => satisfies(spec, asked))
  if (matches.length > 1) throw ambiguous(asked, matches)
  return matches
}

/** The one spec of the active environment that is meant. Throws SpackError `ambiguous`. */
function lockedMatch(asked: Spec, locked: readonly Spec[]): Spec | undefined {
  const matches = locked.filter((spec) => satisfies(spec, asked))
  if (matches.length > 1) throw ambiguous(asked, matches)
  return matches[0]
}

function ambiguous(asked: Spec, specs: readonly Spec[]): SpackError {
  const shown = specs.map((spec) => `    ${spec.concrete!.hash.slice(0, 7)} ${printSpec(spec).slice(0, 120)}`)
  return new SpackError('ambiguous', `\`${printSpec(asked)}\` matches ${specs.length} specs:`, {
    detail: shown.join('\n'),
    hint: 'choose one by its hash: `/abcdefg`',
  })
}

/** Specs and all that they depend on, each once. */
export const withDependencies = (specs: readonly Spec[]): Spec[] => [...traverseNodes(specs)]
