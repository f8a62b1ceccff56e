// What can be known of several nodes of a package that may be reused, before the search tries them one after the other.

import { type Lit, negate } from '../solver/literal.ts'
import { type Encoding, isCompiler, languages } from './encoding.ts'
import type { OpenOr } from './formula.ts'
import type { PackageNode } from './package-node.ts'

/** Two nodes of one reused spec could as well be one, since what they depend on is the same: a node differs from those before. */
export function distinguishReused(encoding: Encoding, node: PackageNode): void {
  if (encoding.isExplained || encoding.hasRivalFlags) return
  for (const before of nodesBefore(encoding, node)) {
    encoding.declare(before)
    for (const [at, { literal }] of node.candidates.entries())
      encoding.formula.clause([negate(literal), negate(before.candidates[at]!.literal)])
  }
}

/** When a node is reused though there are no more specs to reuse than nodes before it, one of those is built. */
export function limitReused(encoding: Encoding, node: PackageNode, isReused: Lit): void {
  if (encoding.isExplained || encoding.hasRivalFlags || node.id < encoding.world.reusable.of(node.name).length) return
  encoding.formula.implies(isReused, ...nodesBefore(encoding, node).map(({ build }) => build))
}

const nodesBefore = (encoding: Encoding, { name, id }: PackageNode): PackageNode[] =>
  Array.from({ length: id }, (_, other) => encoding.node(name, other))

/**
 * A compiler that others compile with is built only if it is a root or a directive asks for it by more than a language,
 * since languages come from compilers that are there: `node.build` ∧ compiled → `node.root` ∨ such directives. Told as
 * soon as a language may come from it. Each answer is so, or not everything in it would be needed; therefore only proofs
 * take it to be closed, and what is contradictory is never blamed on it: nearly every package may want a compiler.
 */
export function wantBuiltCompiler(encoding: Encoding, node: PackageNode): void {
  if (!encoding.isExplained) wantedOf(encoding, node)
}

/**
 * Notes what makes a node depend on a compiler, unless it is a language. That of the runtime says nothing by itself: it
 * takes a compiler that something else builds with (`checkRuntimes`).
 */
export function noteWanted(
  encoding: Encoding,
  parent: PackageNode,
  child: PackageNode,
  dependency: string,
  source: Lit,
): void {
  if (encoding.isExplained || !isCompiler(encoding.world, child.name) || languages.includes(dependency)) return
  if (parent.name === 'gcc-runtime' && child.name === 'gcc') return
  encoding.formula.addTo(wantedOf(encoding, child), source)
}

/** Notes that something takes a language from a compiler. */
export function noteCompiling(encoding: Encoding, compiler: string, use: Lit): void {
  if (!encoding.isExplained) encoding.formula.implies(use, compilesWith(encoding, compiler))
}

/** True when something takes a language from a compiler. */
function compilesWith({ compiling, formula }: Encoding, compiler: string): Lit {
  let literal = compiling.get(compiler)
  if (literal === undefined) compiling.set(compiler, (literal = formula.fresh()))
  return literal
}

function wantedOf(encoding: Encoding, node: PackageNode): OpenOr {
  const { formula } = encoding
  if (!node.wanted) {
    node.wanted = formula.openOr(encoding.compiling)
    formula.clause([negate(node.build), negate(compilesWith(encoding, node.name)), node.root, node.wanted.literal])
  }
  return node.wanted
}
