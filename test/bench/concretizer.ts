// The concretizer against the seconds that the kit recorded, and the solver alone on problems captured from it.

import { solve } from '../../src/concretize/solve.ts'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { Optimizer } from '../../src/solver/optimize.ts'
import { loadProblem, type Problem } from '../../src/solver/problem.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { kitWorld } from '../conformance/kit-world.ts'
import { isolated } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kit, shared } from '../support/shared.ts'
import { concretizeColdly, median, readGoldens } from './cold-concretizer.ts'

export async function openKit() {
  const dir = scratch()
  const scope = {
    name: 'kit',
    level: 'custom',
    kind: 'folder',
    path: kit('concretize', 'config'),
    isWritable: false,
  } as const
  const configuration = await loadConfiguration({ environ: isolated(dir), cwd: dir, commandScopes: [scope] })
  return kitWorld(`${shared}/conformance`, configuration)
}

/** All goldens: each in cold processes, and all in one, of which the first is cold. */
export async function solveGoldens(): Promise<string[]> {
  const { world, facts } = await openKit()
  const figures = readGoldens().map(({ input, seconds }) => {
    const started = performance.now()
    const cpu = process.cpuUsage()
    solve(world, facts, [{ spec: parseSpec(input), origin: { text: input, where: null } }], { tests: false })
    const { user, system } = process.cpuUsage(cpu)
    return {
      input,
      wallS: (performance.now() - started) / 1000,
      cpuS: (user + system) / 1e6,
      referenceS: seconds,
    }
  })
  const ratios = figures.map(({ referenceS, wallS }) => referenceS / wallS)
  const slowest = figures.reduce((a, b) => (a.referenceS / a.wallS < b.referenceS / b.wallS ? a : b))
  return [
    ...concretizeColdly(),
    `concretize ${figures.length} goldens in one process: median ${median(ratios).toFixed(0)}×, least ${Math.min(...ratios).toFixed(0)}× (${slowest.input}) of the recorded seconds`,
    `  CPU: ${figures.reduce((sum, { cpuS }) => sum + cpuS, 0).toFixed(1)} s for all, ${median(figures.map(({ cpuS }) => cpuS)).toFixed(3)} s the median`,
  ]
}

/** The solver without the concretizer's guidance, on whole problems of the concretizer. */
export async function replayProblems(): Promise<string[]> {
  const { world, facts } = await openKit()
  return ['zlib', 'cmake', 'hdf5', 'py-numpy'].map((input) => {
    let problem: Problem | undefined
    const requests = [{ spec: parseSpec(input), origin: { text: input, where: null } }]
    solve(world, facts, requests, { tests: false, capture: (captured) => void (problem = captured) })
    const { variables, clauses, criteria } = problem!
    const started = performance.now()
    const { solver } = loadProblem(problem!)
    const optimizer = new Optimizer(
      solver,
      criteria.map(({ name }) => name),
    )
    for (const [at, { terms }] of criteria.entries()) {
      for (const { literal, weight } of terms) optimizer.declare(at, literal, weight)
    }
    const found = optimizer.minimize({ conflictBudget: 20_000 })
    const isProven = found.kind === 'model' && found.isProven
    const { conflicts, propagations } = solver.counters
    const took = performance.now() - started
    return `solver on the problem of ${input} (${variables} variables, ${clauses.length} clauses): ${took.toFixed(0)} ms, ${conflicts} conflicts, ${(propagations / took / 1000).toFixed(1)} M conclusions/s${isProven ? '' : ', not proven'}`
  })
}
