// `spack why`: what led to a choice, and what another one would cost.

import { existsSync } from 'node:fs'
import type { Alternative } from '../concretize/alternative.ts'
import { checkRequests } from '../concretize/check-requests.ts'
import { type Answer, solveTogether } from '../concretize/concretize.ts'
import type { CostChange } from '../concretize/differences.ts'
import { statementLine } from '../concretize/explanation.ts'
import type { Request } from '../concretize/requests.ts'
import { type Reasons, why as reasonsOf, type Why } from '../concretize/why.ts'
import type { Environment } from '../environment/environment.ts'
import { lockfileSpecs } from '../environment/locked-specs.ts'
import { specReader } from '../environment/spec-reader.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Command, flagOn } from './command.ts'
import { requestOf } from './concretize-requests.ts'
import { concretizerFlags, concretizerOptions } from './concretizer-flags.ts'
import { computeInWorld } from './concretizer-world.ts'
import { activeEnvironment, configuration } from './configured.ts'
import { environmentRequests } from './environment-plan.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'

export const why: Command = {
  name: 'why',
  summary: 'tell why a package, version or variant was chosen, and what another one would cost',
  description:
    'ROOT is a root of the active environment, or without one any spec. Without more, the reasons for ROOT itself are\n' +
    'told. WHAT is a dependency, a virtual, or a constraint: `cmake`, `mpi`, `cmake@3.30`, `+shared`, `@1.12`, `%gcc@12`.\n' +
    'What is so is explained, and the next best is looked for; what is not so is tried, and its cost is told.',
  positional: 'ROOT [WHAT]',
  flags: [{ name: 'json', short: 'j', help: 'print the reasons as JSON' }, ...concretizerFlags],
  run: async (invocation, args) => {
    const [rootText, ...rest] = [...args.positional, ...args.rest]
    if (rootText === undefined) {
      throw new SpackError('usage', '`spack why` needs the root that it is asked about', {
        exitCode: 2,
        hint: 'for instance `spack why hdf5 cmake`, or `spack why hdf5 +shared`',
      })
    }
    const read = specReader(await configuration(invocation))
    const { requests, request, locked } = await readRoot(invocation, read(rootText))
    const about = rest.length ? read(rest.join(' ')) : null
    const told = await computeInWorld(invocation, concretizerOptions(args), ({ forRequests, facts }) => {
      const world = forRequests(requests.map(({ spec }) => spec))
      checkRequests(world, requests)
      let answer: Answer | undefined
      const best = () => (answer ??= solveTogether(world, facts, requests))
      const root = locked ?? best().roots[requests.indexOf(request)]!
      return reasonsOf({ request, root, about }, { world, facts, requests }, best)
    })
    invocation.print(flagOn(args, 'json') ? `${JSON.stringify(told, null, 2)}\n` : whyText(told))
    return 0
  },
}

/** What is asked for together, the root among it, and how that is locked. */
interface AskedRoot {
  requests: readonly Request[]
  request: Request
  locked: Spec | undefined
}

async function readRoot(invocation: Invocation, asked: Spec): Promise<AskedRoot> {
  const environment = await activeEnvironment(invocation)
  if (!environment) {
    const request = requestOf(asked)
    return { requests: [request], request, locked: undefined }
  }
  const all = await environmentRequests(invocation, environment)
  const request = chooseRoot(all, asked, environment)
  const unify = (await configuration(invocation)).get('concretizer:unify') ?? true
  const requests = unify === true ? all : [request]
  return { requests, request, locked: lockedRoot(environment, request) }
}

function chooseRoot(requests: readonly Request[], asked: Spec, environment: Environment): Request {
  const text = printSpec(asked)
  const exact = requests.find(({ spec }) => printSpec(spec) === text)
  const named = exact ? [exact] : requests.filter(({ spec }) => spec.name === asked.name)
  if (named.length === 1) return named[0]!
  const names = requests.map(({ spec }) => spec.name ?? '')
  if (named.length > 1) {
    const list = named.map(({ origin }) => `\`${origin.text}\``).join(', ')
    throw new SpackError('ambiguous', `${list} are roots of the environment \`${environment.name}\``, {
      hint: 'name one of them as it stands there',
    })
  }
  throw new SpackError('no-match', `\`${text}\` is no root of the environment \`${environment.name}\``, {
    hint:
      didYouMean(asked.name ?? '', names) ??
      `its roots are ${names.map((name) => `\`${name}\``).join(', ')}; what is below one is asked as \`spack why ROOT ${asked.name ?? 'NAME'}\``,
  })
}

function lockedRoot(environment: Environment, { spec }: Request): Spec | undefined {
  if (!existsSync(environment.lockFile)) return undefined
  const locked = readLocked(environment)
  const text = printSpec(spec)
  const row = locked.roots.find((each) => each.spec === text)
  return row && lockfileSpecs(locked).get(row.hash)
}

// --- text -----------------------------------------------------------------------------------------------------------------

/** The reasons as text. */
export function whyText({ reasons, absent }: Why): string {
  const parts = reasons.map(reasonsText)
  if (absent) parts.push(alternativeText(absent))
  return `${parts.join('\n\n')}\n`
}

function reasonsText({ subject, chains, more, choices, alternatives }: Reasons): string {
  const blocks: string[] = []
  for (const [at, chain] of chains.entries()) {
    const head = at === 0 ? `\`${subject}\` is there because` : 'and because'
    blocks.push([head, ...chain.map(statementLine)].join('\n'))
  }
  if (more) blocks.push(`and in ${more} other ${more === 1 ? 'way' : 'ways'}`)
  for (const { what, reasons } of choices) {
    const known = reasons.length ? reasons.map(statementLine) : ['  - what would come first does not go with the rest']
    blocks.push([what, ...known].join('\n'))
  }
  return [...blocks, ...alternatives.map(alternativeText)].join('\n')
}

function alternativeText({ supposed, isForbidden, outcome }: Alternative): string {
  const what = `${isForbidden ? 'anything but ' : ''}\`${supposed}\``
  if (outcome.kind === 'impossible') {
    const { statements, remedies } = outcome.explanation
    const hints = isForbidden ? [] : remedies.slice(0, 3).map((remedy) => `  hint: ${remedy}`)
    return [`${what} is impossible`, ...statements.map(statementLine), ...hints].join('\n')
  }
  const { changes, costs } = outcome
  if (!changes.length && !costs.length) return `${what} is what there is already`
  const shown = changes.slice(0, 12).map((text) => `  - ${text}`)
  if (changes.length > 12) shown.push(`  - and ${changes.length - 12} other changes`)
  return [`${what} would mean`, ...shown, ...costLines(costs)].join('\n')
}

/** What gets worse, the most important first, and what gets better. */
function costLines(costs: readonly CostChange[]): string[] {
  const lines = (head: string, some: readonly CostChange[]) =>
    some.length ? [`  ${head}`, ...some.slice(0, 5).map(({ text }) => `    ${text}`)] : []
  const worse = costs.filter(({ before, after }) => after > before)
  const better = costs.filter(({ before, after }) => after < before)
  if (!worse.length) return ['  and costs nothing', ...lines('with', better)]
  return [...lines('at the cost of', worse), ...lines('with', better)]
}
