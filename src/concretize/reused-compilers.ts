// What was built by another compiler than what is built now costs: one for each such compiler, unless all is reused.

import { type Lit, negate } from '../solver/literal.ts'
import type { Spec } from '../spec/spec.ts'
import { linkRun } from '../spec/traverse-edges.ts'
import { type Encoding, languages } from './encoding.ts'
import { hashStarts } from './properties.ts'

/** Charges the compiler by which a reusable spec was built, when `reused` holds. */
export function chargeReusedCompilers(encoding: Encoding, spec: Spec, reused: Lit): void {
  for (const { child, deptypes, virtuals } of spec.edges) {
    const isBuildOnly = (deptypes & linkRun) === 0
    if (!isBuildOnly || !virtuals.some((virtual) => languages.includes(virtual))) continue
    encoding.whenCharged(reused, () => {
      const compilers = encoding.canExist(child.name!) ? encoding.nodesOf(child.name!) : []
      for (const node of compilers) encoding.declare(node)
      const used = compilers.map((node) => hashStarts(encoding, node, child.concrete!.hash))
      encoding.formula.clause([negate(reused), negate(willBuild(encoding)), ...used, costOf(encoding, child)])
    })
  }
}

/** That a compiler costs. It does not where it is a node, since a compiler is there only for what it builds. */
function costOf(encoding: Encoding, compiler: Spec): Lit {
  const { hash } = compiler.concrete!
  const known = encoding.reusedCompilers.get(hash)
  if (known !== undefined) return known
  const literal = encoding.formula.fresh()
  encoding.reusedCompilers.set(hash, literal)
  encoding.cost('reusedCompilers', literal, 1)
  return literal
}

/** That anything is built. */
function willBuild(encoding: Encoding): Lit {
  if (encoding.willBuild === null) {
    encoding.willBuild = encoding.formula.fresh()
    for (const { build } of encoding.declared) encoding.formula.implies(build, encoding.willBuild)
  }
  return encoding.willBuild
}
