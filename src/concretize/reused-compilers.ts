// What was built by another compiler than what is built now costs: one for each such compiler, unless all is reused.

import { type Lit, negate } from '../solver/literal.ts'
import { type DagHash, deptypeBits, type Spec } from '../spec/spec.ts'
import { type Encoding, languages } from './encoding.ts'
import type { OpenOr } from './formula.ts'
import type { PackageNode } from './package-node.ts'

export interface ReusedCompiler {
  /** That it costs. */
  cost: Lit
  /** That something is built by it. */
  used: OpenOr
}

/** Charges the compiler by which a reusable spec was built, when `reused` holds. */
export function chargeReusedCompilers(encoding: Encoding, spec: Spec, reused: Lit): void {
  for (const { child, deptypes, virtuals } of spec.edges) {
    const isBuildOnly = (deptypes & (deptypeBits.link | deptypeBits.run)) === 0
    if (!isBuildOnly || !virtuals.some((virtual) => languages.includes(virtual))) continue
    encoding.whenCharged(reused, () => {
      const { cost, used } = reusedCompiler(encoding, child.concrete!.hash)
      encoding.formula.clause([negate(reused), negate(willBuild(encoding)), used.literal, cost])
    })
  }
}

function reusedCompiler(encoding: Encoding, hash: DagHash): ReusedCompiler {
  const known = encoding.reusedCompilers.get(hash)
  if (known) return known
  const { formula } = encoding
  const made = { cost: formula.fresh(), used: formula.openOr(encoding.reusedCompilers) }
  encoding.reusedCompilers.set(hash, made)
  encoding.cost('reusedCompilers', made.cost, 1)
  for (const node of encoding.declared) for (const use of compilerUses(node)) addUseOf(encoding, made, hash, use)
  return made
}

const compilerUses = (node: PackageNode): { child: PackageNode; literal: Lit }[] =>
  languages.flatMap((language) => node.uses.get(language) ?? [])

function addUseOf(
  { formula }: Encoding,
  { used }: ReusedCompiler,
  hash: DagHash,
  { child, literal }: { child: PackageNode; literal: Lit },
): void {
  const same = child.candidates.find(({ spec }) => spec.concrete!.hash === hash)
  if (same) formula.addTo(used, formula.and([literal, same.literal]))
}

/** Takes up that a node that is built uses a compiler. */
export function noteCompilerUse(encoding: Encoding, use: { child: PackageNode; literal: Lit }): void {
  for (const [hash, compiler] of encoding.reusedCompilers) addUseOf(encoding, compiler, hash, use)
}

/** That anything is built. */
function willBuild(encoding: Encoding): Lit {
  if (encoding.willBuild === null) {
    encoding.willBuild = encoding.formula.fresh()
    for (const { build } of encoding.declared) encoding.formula.implies(build, encoding.willBuild)
  }
  return encoding.willBuild
}
