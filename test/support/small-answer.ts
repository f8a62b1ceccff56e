// What comes out of a small world, in short.

import { solve } from '../../src/concretize/solve.ts'
import { formatSpec } from '../../src/spec/format.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { traverseNodes } from '../../src/spec/traverse.ts'
import type { SmallWorld } from './small-world.ts'

export interface SmallNode {
  /** Name, version, variants and flags. */
  text: string
  /** Names of children, with the virtuals that they provide: `mpich=mpi`. */
  children: string[]
}

/** The nodes of the answer to requests, sorted; undefined when there is none. */
export function solveSmall({ world, facts }: SmallWorld, requests: readonly string[]): SmallNode[] | undefined {
  const asked = requests.map((text) => ({ spec: parseSpec(text), origin: { text, where: null } }))
  const solution = solve(world, facts, asked, { tests: false })
  if (solution.kind === 'unsatisfiable') return undefined
  const nodes = traverseNodes(solution.roots.filter((root) => root !== undefined)).map((spec) => ({
    text: formatSpec(spec, '{name}{@version}{variants}{compiler_flags}').trim(),
    children: spec.edges.map(({ child, virtuals }) => [child.name!, ...virtuals].join('=')),
  }))
  return nodes.sort((a, b) => (a.text < b.text ? -1 : 1))
}
