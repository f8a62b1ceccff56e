// What `spack graph` draws and how.

import { lockfileSpecs, meantSpecs } from '../environment/locked-specs.ts'
import { allRoots } from '../environment/lockfile.ts'
import { possibleEdges } from '../recipes/possible-dependencies.ts'
import { formatSpec } from '../spec/format.ts'
import { type Deptype, type DeptypeMask, deptypeBits, type Spec } from '../spec/spec.ts'
import { asciiGraph } from '../ui/ascii-graph.ts'
import { dotGraph } from '../ui/dot-graph.ts'
import { SpackError } from '../ui/error.ts'
import { specGraph } from '../ui/graph-edges.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { svgGraph } from '../ui/svg-graph.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { knownSpecs, onlyMatch, readSpecWords } from './concrete-matches.ts'
import { concretizeRequests } from './concretize-requests.ts'
import { activeEnvironment } from './configured.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'
import { machineSpec } from './machine.ts'
import { fullName, withRecipes } from './recipes.ts'

const usage = (message: string): SpackError => new SpackError('usage', message, { exitCode: 2 })

export async function drawGraph(invocation: Invocation, args: Arguments, isStatic: boolean): Promise<number> {
  const deptypes = readDeptypes(flagText(args, 'deptype'))
  const formats = ['ascii', 'dot', 'svg'].filter((name) => flagOn(args, name))
  if (formats.length > 1) throw usage(`\`--${formats[0]}\` and \`--${formats[1]}\` exclude each other`)
  if (flagOn(args, 'color') && !flagOn(args, 'dot')) throw usage('the `--color` option can be used only with `--dot`')
  if (isStatic) {
    await drawPossible(invocation, args, deptypes)
    return 0
  }
  const mask = deptypes.reduce((sum: DeptypeMask, type) => sum | deptypeBits[type], 0)
  const specs = await chosenSpecs(invocation, args)
  if (specs.length === 0) throw new SpackError('no-match', 'no spec matches the query')
  if (flagOn(args, 'dot')) invocation.print(dotGraph(specGraph(specs, mask), { byType: flagOn(args, 'color') }))
  else if (flagOn(args, 'svg')) invocation.print(svgGraph(specGraph(specs, mask)))
  else {
    const label = (spec: Spec) => formatSpec(spec, '{name}@{version}{/hash:7}')
    const graphs = specs.map((spec) =>
      asciiGraph(spec, { deptypes: mask, colour: invocation.stdoutHasColour, label })
        .map((line) => `${line}\n`)
        .join(''),
    )
    invocation.print(graphs.join('\n'))
  }
  return 0
}

/** Throws SpackError `usage` for words that are no deptypes. */
function readDeptypes(text: string | undefined): Deptype[] {
  const known = Object.keys(deptypeBits) as Deptype[]
  if (text === undefined || text === 'all') return known
  return text.split(',').map((word) => {
    const type = known.find((each) => each === word.trim())
    if (type) return type
    throw new SpackError('usage', `\`${word}\` is not a deptype; there are ${known.join(', ')}`, {
      exitCode: 2,
      hint: didYouMean(word, known),
    })
  })
}

async function chosenSpecs(invocation: Invocation, args: Arguments): Promise<Spec[]> {
  const asked = await readSpecWords(invocation, [...args.positional, ...args.rest])
  const environment = await activeEnvironment(invocation)
  if (flagOn(args, 'installed')) {
    if (environment) throw usage('`--installed` cannot be used with an active environment')
    const { installed } = await openInstalled(invocation, asked)
    const queries = asked.length > 0 ? asked.map((spec) => ({ spec })) : [{}]
    return unique(queries.flatMap((query) => installed.find(query).map(({ spec }) => spec)))
  }
  if (!environment) {
    if (asked.length === 0) throw usage('name a spec, or an environment: `spack -e DIR graph`')
    const matches = await knownSpecs(invocation, asked)
    const isKnown = (spec: Spec) => spec.concrete !== null || spec.abstractHash !== null
    const known = asked.filter(isKnown).map((spec) => onlyMatch(spec, matches(spec)))
    const open = asked.filter((spec) => !isKnown(spec))
    return unique([...known, ...(open.length > 0 ? await concretizeRequests(invocation, open) : [])])
  }
  const lockfile = readLocked(environment)
  if (asked.length === 0) {
    const specs = lockfileSpecs(lockfile)
    return unique(allRoots(lockfile).map(({ hash }) => specs.get(hash)!))
  }
  const meant = meantSpecs(lockfile)
  const { satisfies } = await import('../spec/satisfies.ts')
  return unique(asked.flatMap((query) => meant(query).filter((spec) => satisfies(spec, query))))
}

const unique = (specs: readonly Spec[]): Spec[] => [
  ...new Map(specs.map((spec) => [spec.concrete!.hash, spec])).values(),
]

/** What packages may depend on, by their recipes. */
async function drawPossible(invocation: Invocation, args: Arguments, deptypes: readonly Deptype[]): Promise<void> {
  const asked = await readSpecWords(invocation, [...args.positional, ...args.rest])
  if (asked.length === 0) throw usage('name the packages of which the possible dependencies are to be drawn')
  await withRecipes(invocation, (recipes) => {
    const names = asked.map((spec) => {
      const name = fullName(spec)
      return recipes.isVirtual(name) ? name : recipes.require(name).name
    })
    const possible = possibleEdges(recipes, names, { deptypes, machine: machineSpec() })
    const nodes = [...possible.keys()].map((id) => ({ id, label: id, isForBuild: false, isRoot: names.includes(id) }))
    const edges = [...possible].flatMap(([from, targets]) =>
      targets.map((to) => ({ from, to, deptypes, virtuals: [] })),
    )
    const graph = { nodes, edges }
    invocation.print(flagOn(args, 'svg') ? svgGraph(graph) : dotGraph(graph))
  })
}
