// `spack solve`: what would be installed, with what decided it: the criteria and what the answer costs by each.

import { clockMs } from '../clock.ts'
import { type Answer, concretizeTogether } from '../concretize/concretize.ts'
import { criteria } from '../concretize/criteria.ts'
import type { Request } from '../concretize/requests.ts'
import { concretizeInRounds } from '../concretize/rounds.ts'
import { loadEnvironment } from '../environment/manifest.ts'
import { paintAs } from '../spec/colour.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { readSpecWords } from './concrete-matches.ts'
import { checkedWorlds, requestOf } from './concretize-requests.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import { computeInWorld, type OfferedSpecs, type OpenedWorld, type WorldOptions } from './concretizer-world.ts'
import { activeEnvironment, configuration } from './configured.ts'
import { environmentRequests } from './environment-plan.ts'
import type { Invocation } from './invocation.ts'
import { asksForWhole, checkTreeFlags, specTrees, treeFlags, wholeSpecs } from './spec-trees.ts'
import { specsByHash } from './specs-by-hash.ts'

const shown = ['opt', 'solutions'] as const
type Shown = (typeof shown)[number]

export const solve: Command = {
  name: 'solve',
  summary: 'concretize specs and show what decided',
  positional: '[spec ...]',
  flags: [
    {
      name: 'show',
      kind: 'string',
      value: 'WHAT',
      help: 'comma-separated: `opt` (criteria of the answer), `solutions` (the answer), `all`; default: opt,solutions',
    },
    { name: 'timers', help: 'print out timers for different solve phases' },
    { name: 'stats', help: 'print out statistics of the search' },
    ...treeFlags,
    ...concretizerFlags,
    forceFlag,
  ],
  run: async (invocation, args) => {
    checkTreeFlags(args)
    const show = readShow(flagText(args, 'show') ?? 'opt,solutions')
    const { requests, known } = await readRequests(invocation, args)
    const unify = (await configuration(invocation)).get('concretizer:unify')
    const openedMs = clockMs()
    const offered = flagOn(args, 'force') ? await offeredByForce(invocation) : undefined
    const options: WorldOptions = { ...concretizerOptions(args), offered }
    const solved = await computeInWorld(invocation, options, (world) => {
      const setupMs = clockMs() - openedMs
      return { answers: solveAsUnified(world, requests, known, unify), setupMs }
    })
    for (const { title, answer } of solved.answers) {
      if (title && !asksForWhole(args)) invocation.print(title)
      if (answer instanceof SpackError) throw answer
      await printAnswer(invocation, args, show, answer, solved.setupMs)
    }
    return 0
  },
}

interface TitledAnswer {
  answer: Answer | SpackError
  title?: string
}

/**
 * The answers to requests as `concretizer:unify` has them together; of requests that are solved one by one the first that
 * has none is the last. Throws as `checkedWorlds` and `concretizeTogether`.
 */
function solveAsUnified(
  world: OpenedWorld,
  requests: readonly Request[],
  known: readonly Request['spec'][],
  unify: unknown,
): TitledAnswer[] {
  const worldOf = checkedWorlds(world, requests, known)
  if (unify === 'when_possible') {
    const rounds: Answer[] = []
    concretizeInRounds(worldOf(requests), world.facts, requests, { onRound: (answer) => rounds.push(answer) })
    return rounds.map((answer, round) => ({ answer, title: `==> ROUND ${round}\n==> \n` }))
  }
  if (unify !== false) return [{ answer: concretizeTogether(worldOf(requests), world.facts, requests) }]
  const answers: TitledAnswer[] = []
  for (const request of requests) {
    const answer = answerOrError(() => concretizeTogether(worldOf([request]), world.facts, [request]))
    answers.push({ answer, title: `==> SOLVING SPEC: ${request.origin.text}\n` })
    if (answer instanceof SpackError) break
  }
  return answers
}

function answerOrError(solve: () => Answer): Answer | SpackError {
  try {
    return solve()
  } catch (error) {
    if (error instanceof SpackError) return error
    throw error
  }
}

function readShow(text: string): readonly Shown[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.includes('all')) return shown
  const unknown = words.find((word) => !(shown as readonly string[]).includes(word))
  if (unknown === undefined) return words as Shown[]
  const isOfClingo = unknown === 'asp' || unknown === 'output'
  throw new SpackError('usage', `\`--show\` has no \`${unknown}\``, {
    exitCode: 2,
    hint: isOfClingo
      ? 'there is no logic program here: the concretizer works on clauses of its own'
      : (didYouMean(unknown, shown) ?? 'it takes opt, solutions, all'),
  })
}

/** What is locked is not reused, as if the active environment was concretized anew: then only what it includes is. */
async function offeredByForce(invocation: Invocation): Promise<OfferedSpecs | undefined> {
  const environment = await activeEnvironment(invocation)
  if (!environment) return undefined
  const settings = await configuration(invocation)
  const { includeConcrete } = await loadEnvironment(environment, settings, invocation, { withLockfile: false })
  return { roots: [], included: includeConcrete }
}

async function readRequests(
  invocation: Invocation,
  args: Arguments,
): Promise<{ requests: Request[]; known: readonly Request['spec'][] }> {
  const asked = await readSpecWords(invocation, [...args.positional, ...args.rest])
  if (asked.length > 0) {
    const { requests, known } = await specsByHash(invocation, asked)
    return { requests: requests.map((spec) => requestOf(spec)), known }
  }
  const environment = await activeEnvironment(invocation)
  if (environment) return { requests: await environmentRequests(invocation, environment), known: [] }
  throw new SpackError('usage', '`spack solve` needs a spec, or an active environment', {
    exitCode: 2,
    hint: 'name a spec, or an environment: `spack -e DIR solve`',
  })
}

async function printAnswer(
  invocation: Invocation,
  args: Arguments,
  show: readonly Shown[],
  answer: Answer,
  setupMs: number,
): Promise<void> {
  const isWhole = asksForWhole(args)
  if (show.includes('opt') && !isWhole) invocation.print(criteriaTable(answer, invocation.stdoutHasColour))
  if (show.includes('solutions')) {
    invocation.print(
      isWhole ? await wholeSpecs(answer.roots, args, invocation) : await specTrees(invocation, args, answer.roots),
    )
  }
  const { encodeMs, solveMs, ...counts } = answer.statistics
  if (flagOn(args, 'timers')) {
    const rows = { setup: setupMs, encode: encodeMs, solve: solveMs, total: setupMs + encodeMs + solveMs }
    invocation.print(listing(rows, (ms) => `${(ms / 1000).toFixed(3)}s`))
  }
  if (flagOn(args, 'stats')) invocation.print(`Statistics:\n${listing(counts, String)}`)
}

const listing = (rows: Readonly<Record<string, number>>, print: (value: number) => string): string =>
  `${Object.entries(rows)
    .map(([name, value]) => `    ${name.padEnd(16)}${print(value).padStart(10)}`)
    .join('\n')}\n\n`

/** All criteria in their order; those that cost nothing are grey. */
function criteriaTable({ costs, statistics }: Answer, hasColour: boolean): string {
  const paint = (colour: string, text: string) => (hasColour ? paintAs(colour, text) : text)
  const rows = criteria.map(({ text, isBuilt }, at) => {
    const cost = costs[at] ?? 0
    const colour = cost === 0 ? 'K' : isBuilt === undefined ? 'y' : isBuilt ? 'g' : 'b'
    const number = paint('K', String(at + 1).padStart(8))
    return `  ${number}  ${paint(cost ? '*' : 'K', String(cost).padStart(5))}  ${paint(colour, text)}`
  })
  const legend = ['Legend:', '  Specs to be built', '  Reused specs', '  Other criteria']
  const colours = ['*', 'g', 'b', 'y']
  return [
    `==> Best of ${statistics.searches} considered solutions.`,
    '',
    paint('*', '  Priority  Value  Criterion'),
    ...rows,
    '',
    '',
    ...legend.map((line, at) => `  ${paint(colours[at]!, line)}`),
    '',
    '',
  ].join('\n')
}
