import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { minimizeCore } from '../../src/solver/cores.ts'
import { enumerateModels } from '../../src/solver/enumerate.ts'
import { type Lit, literalOf, negate, type Var } from '../../src/solver/literal.ts'
import { Optimizer, optimize } from '../../src/solver/optimize.ts'
import { loadProblem, type Problem, readProblem, writeProblem } from '../../src/solver/problem.ts'
import { Solver } from '../../src/solver/solver.ts'
import { asNumber, bruteForce, randomProblem, randomSource, satisfiesProblem } from './random.ts'

const test = suite('solver')
const shapes = [
  { variables: 5, clauses: 10, linears: 1, criteria: 1 },
  { variables: 9, clauses: 22, linears: 3, criteria: 2 },
  { variables: 11, clauses: 30, linears: 0, criteria: 3 },
  { variables: 11, clauses: 14, linears: 8, criteria: 3 },
]

test('verdicts and models agree with trying everything', () => {
  const random = randomSource(1)
  for (let i = 0; i < 1200; i++) {
    const problem = randomProblem(random, shapes[i % shapes.length]!)
    const { solver } = loadProblem(problem)
    const expected = bruteForce(problem)
    assert.is(solver.solve(), expected ? 'satisfiable' : 'unsatisfiable', writeProblem(problem))
    if (expected) assert.ok(satisfiesProblem(problem, asNumber(solver.model)), writeProblem(problem))
  }
})

test('optima agree with trying everything, criterion by criterion', () => {
  const random = randomSource(2)
  for (let i = 0; i < 1200; i++) {
    const problem = randomProblem(random, shapes[i % shapes.length]!)
    const { solver, criteria } = loadProblem(problem)
    const expected = bruteForce(problem)
    const found = optimize(solver, criteria)
    if (!expected) assert.is(found.kind, 'unsatisfiable')
    else if (found.kind === 'model') {
      assert.equal(found.costs, expected.costs, writeProblem(problem))
      assert.ok(satisfiesProblem(problem, asNumber(found.model.slice(0, problem.variables))))
      assert.ok(found.isProven)
    } else assert.unreachable(found.kind)
  }
})

test('every model is found once', () => {
  const random = randomSource(3)
  for (let i = 0; i < 300; i++) {
    const problem = randomProblem(random, { variables: 7, clauses: 12, linears: 2, criteria: 0 })
    const variables = Array.from({ length: 7 }, (_, v) => v as Var)
    const models = [...enumerateModels(loadProblem(problem).solver, variables)].map(String)
    assert.is(new Set(models).size, models.length)
    assert.is(models.length, bruteForce(problem)?.models ?? 0)
  }
})

test('a core contradicts the problem, and a minimal one stops doing so when any part goes', () => {
  const random = randomSource(4)
  let cores = 0
  for (let i = 0; i < 600; i++) {
    const problem = randomProblem(random, { variables: 9, clauses: 18, linears: 2, criteria: 0 })
    const { solver } = loadProblem(problem)
    const assumptions = Array.from({ length: 9 }, (_, v) => literalOf(v as Var, random(2) === 1))
    if (solver.solve(assumptions) !== 'unsatisfiable') continue
    cores++
    const core = solver.core
    assert.ok(core.every((literal) => assumptions.includes(literal)))
    assert.not(bruteForce(withUnits(problem, core)), writeProblem(problem))
    const minimal = minimizeCore(solver, core)
    assert.not(bruteForce(withUnits(problem, minimal)))
    for (const left of minimal) {
      assert.ok(
        bruteForce(
          withUnits(
            problem,
            minimal.filter((literal) => literal !== left),
          ),
        ),
      )
    }
  }
  assert.ok(cores > 100)
})

const withUnits = (problem: ReturnType<typeof readProblem>, units: readonly Lit[]) => ({
  ...problem,
  clauses: [...problem.clauses, ...units.map((literal) => [literal])],
})

type AddClause = (solver: Solver, clause: readonly Lit[]) => void
const addAny: AddClause = (solver, clause) => solver.addClause(clause)
const addPairs: AddClause = (solver, clause) =>
  clause.length === 2 ? solver.addPair(clause[0]!, clause[1]!) : solver.addClause(clause)

/** A solver that is given a part of a problem with each variable that becomes true or false for the first time. */
function handedOver(problem: Problem, phases: readonly boolean[], add: AddClause): Solver {
  const solver = new Solver()
  const variables = phases.map((phase) => solver.newVariable(phase))
  const parts = variables.map((_, v) => ({
    clauses: problem.clauses.filter((clause) => Math.min(...clause.map((literal) => literal >> 1)) === v),
    linears: problem.linears.filter(({ terms }) => Math.min(...terms.map(({ literal }) => literal >> 1)) === v),
  }))
  const given = new Set<number>()
  for (const variable of variables) {
    solver.watchTruth(literalOf(variable))
    solver.watchTruth(literalOf(variable, true))
  }
  solver.guide = {
    extend: (became) => {
      for (const literal of became) {
        if (given.has(literal >> 1)) continue
        given.add(literal >> 1)
        for (const clause of parts[literal >> 1]!.clauses) add(solver, clause)
        for (const { terms, bound } of parts[literal >> 1]!.linears) solver.addLinear(terms, bound)
      }
    },
  }
  return solver
}

const randomPhases = (random: (below: number) => number, { variables }: Problem): boolean[] =>
  Array.from({ length: variables }, () => random(2) === 1)

test('a problem that is handed over during the search gives the same verdict and optimum', () => {
  const random = randomSource(5)
  for (let i = 0; i < 600; i++) {
    const problem = randomProblem(random, shapes[i % shapes.length]!)
    const expected = bruteForce(problem)
    const found = optimize(handedOver(problem, randomPhases(random, problem), addAny), problem.criteria)
    if (!expected) assert.is(found.kind, 'unsatisfiable', writeProblem(problem))
    else if (found.kind === 'model') assert.equal(found.costs, expected.costs, writeProblem(problem))
    else assert.unreachable(`${found.kind}\n${writeProblem(problem)}`)
  }
})

test('pairs are searched as other clauses are, step by step, whatever is known of their literals', () => {
  const random = randomSource(7)
  for (let i = 0; i < 600; i++) {
    const { clauses, ...rest } = randomProblem(random, shapes[i % shapes.length]!)
    const literal = () => literalOf(random(rest.variables) as Var, random(2) === 1)
    // Literals may be the same, or contrary to each other.
    const problem = { ...rest, clauses: [...clauses, ...Array.from({ length: 12 }, () => [literal(), literal()])] }
    const phases = randomPhases(random, problem)
    const [one, other] = [handedOver(problem, phases, addAny), handedOver(problem, phases, addPairs)]
    assert.equal(optimize(other, problem.criteria), optimize(one, problem.criteria), writeProblem(problem))
    assert.equal(other.counters, one.counters, writeProblem(problem))
  }
})

test('terms that appear during the search count, also against criteria that are settled already', () => {
  // x is wanted by the second criterion; only once x is true it is known that x costs in the first.
  const solver = new Solver()
  const x = literalOf(solver.newVariable())
  const y = literalOf(solver.newVariable())
  solver.addClause([x, y])
  const optimizer = new Optimizer(solver, ['first', 'second'])
  optimizer.declare(1, y, 1)
  solver.watchTruth(x)
  solver.guide = { extend: () => optimizer.declare(0, x, 3) }
  const found = optimizer.minimize()
  assert.is(found.kind, 'model')
  if (found.kind === 'model') assert.equal(found.costs, [0, 1])
})

test('pigeons do not fit, within a moment', () => {
  const [pigeons, holes] = [8, 7]
  const solver = new Solver()
  const at = Array.from({ length: pigeons }, () => Array.from({ length: holes }, () => literalOf(solver.newVariable())))
  for (const row of at) solver.addClause(row)
  for (let hole = 0; hole < holes; hole++) {
    for (let a = 0; a < pigeons; a++)
      for (let b = 0; b < a; b++) solver.addClause([negate(at[a]![hole]!), negate(at[b]![hole]!)])
  }
  assert.is(solver.solve(), 'unsatisfiable')
  assert.ok(solver.counters.conflicts > 100)
})

test('the same problem takes the same steps', () => {
  const problem = randomProblem(randomSource(6), { variables: 60, clauses: 240, linears: 5, criteria: 2 })
  const run = () => {
    const { solver, criteria } = loadProblem(problem)
    return [optimize(solver, criteria), solver.counters]
  }
  assert.equal(run(), run())
})

test('a budget of conflicts ends the search undecided, and the search can go on', () => {
  const problem = randomProblem(randomSource(7), { variables: 90, clauses: 375, linears: 0, criteria: 0 })
  const { solver } = loadProblem(problem)
  if (solver.solve([], { conflictBudget: 1 }) === 'undecided') assert.is.not(solver.solve(), 'undecided')
})

test('problems survive as text', () => {
  const problem = randomProblem(randomSource(8), shapes[3]!)
  assert.equal(readProblem(writeProblem(problem)), problem)
  assert.throws(
    () => readProblem('1 x 0'),
    (error: { where: string }) => error.where === 'line 1',
  )
})

test('a search that may not decide concludes, and is open otherwise', () => {
  const solver = new Solver()
  const [a, b, c] = [0, 1, 2].map(() => literalOf(solver.newVariable())) as [Lit, Lit, Lit]
  solver.addClause([negate(a), b])
  solver.addClause([negate(b), negate(c)])
  assert.is(solver.solve([a], { mayDecide: false }), 'undecided')
  assert.is(solver.solve([a, c], { mayDecide: false }), 'unsatisfiable')
  assert.is(solver.solve([a]), 'satisfiable')
})

test.run()
