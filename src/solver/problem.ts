// A problem as a plain value, and as text: DIMACS CNF, with lines for linear constraints and criteria. Captured problems
// are replayed as benchmarks and bug reports.
//
//   p cnf VARIABLES CLAUSES        3 -5 0                     clauses, as in DIMACS
//   l BOUND  WEIGHT LITERAL …  0                              Σ weights of true literals ≤ BOUND
//   m NAME   WEIGHT LITERAL …  0                              a criterion to minimize, in order of importance

import { SpackError } from '../ui/error.ts'
import type { Term } from './linear-terms.ts'
import { fromDimacs, type Lit, toDimacs } from './literal.ts'
import type { Criterion } from './optimize.ts'
import { Solver } from './solver.ts'

export interface Problem {
  variables: number
  clauses: readonly (readonly Lit[])[]
  linears: readonly { terms: readonly Term[]; bound: number }[]
  criteria: readonly { name: string; terms: readonly Term[] }[]
}

/** Reads the text of a problem. Throws SpackError `problem-syntax` with the line that is wrong. */
export function readProblem(text: string): Problem {
  const problem = {
    variables: 0,
    clauses: [] as Lit[][],
    linears: [] as { terms: Term[]; bound: number }[],
    criteria: [] as { name: string; terms: Term[] }[],
  }
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/)
    const number = (word: string | undefined): number => {
      const value = Number(word)
      if (word === undefined || !Number.isSafeInteger(value)) {
        throw new SpackError('problem-syntax', `\`${word ?? ''}\` is no whole number`, { where: `line ${index + 1}` })
      }
      return value
    }
    const terms = (from: number): Term[] => {
      const list: Term[] = []
      for (let i = from; words[i] !== '0'; i += 2)
        list.push({ weight: number(words[i]), literal: fromDimacs(number(words[i + 1])) })
      return list
    }
    if (words[0] === '' || words[0] === 'c') continue
    if (words[0] === 'p') problem.variables = number(words[2])
    else if (words[0] === 'l') problem.linears.push({ bound: number(words[1]), terms: terms(2) })
    else if (words[0] === 'm') problem.criteria.push({ name: words[1] ?? '', terms: terms(2) })
    else problem.clauses.push(words.slice(0, words.lastIndexOf('0')).map((word) => fromDimacs(number(word))))
  }
  return problem
}

/** The text of a problem. */
export function writeProblem(problem: Problem): string {
  const terms = (list: readonly Term[]) => list.map(({ weight, literal }) => `${weight} ${toDimacs(literal)} `).join('')
  return [
    `p cnf ${problem.variables} ${problem.clauses.length}`,
    ...problem.clauses.map((clause) => `${clause.map((literal) => `${toDimacs(literal)} `).join('')}0`),
    ...problem.linears.map((linear) => `l ${linear.bound} ${terms(linear.terms)}0`),
    ...problem.criteria.map((criterion) => `m ${criterion.name} ${terms(criterion.terms)}0`),
    '',
  ].join('\n')
}

/** A solver that holds the problem, and its criteria. */
export function loadProblem(problem: Problem): { solver: Solver; criteria: Criterion[] } {
  const solver = new Solver()
  for (let i = 0; i < problem.variables; i++) solver.newVariable()
  for (const clause of problem.clauses) solver.addClause(clause)
  for (const { terms, bound } of problem.linears) solver.addLinear(terms, bound)
  return { solver, criteria: [...problem.criteria] }
}
