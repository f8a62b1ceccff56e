// `concretizer:splice:explicit`: what is spliced into the roots of an answer, whatever the recipes say of it.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { formatSpec } from '../spec/format.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { findDependency } from '../spec/traverse-edges.ts'
import { SpackError } from '../ui/error.ts'
import type { Request } from './requests.ts'
import { splice } from './splice.ts'
import type { ExplicitSplice, World } from './world.ts'

/**
 * The roots of requests with all splices made, one after the other; undefined ones stay so. Throws SpackError `splice`,
 * and `no-match` or `ambiguous` for a hash that is needed.
 */
export function spliceRoots<Root extends Spec | undefined>(
  roots: readonly Root[],
  requests: readonly Request[],
  { splices = [], warn = () => undefined }: Pick<World, 'splices' | 'warn'>,
  facts: SpecFacts,
): Root[] {
  if (splices.length === 0) return [...roots]
  return roots.map((root, at) => {
    if (!root) return root
    const spliced = splices.reduce<Spec>((spec, each) => spliceOne(spec, each, facts), root)
    if (spliced !== root) checkRequest(spliced, requests[at]!, warn, facts)
    return spliced as Root
  })
}

function spliceOne(spec: Spec, { target, replacement, isTransitive, origin }: ExplicitSplice, facts: SpecFacts): Spec {
  if (!contains(spec, target, facts)) return spec
  try {
    return splice(spec, replacement(), { isTransitive, facts })
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const { code, message, detail, hint } = error
    throw new SpackError(code, message, {
      where: origin.where ?? undefined,
      ...{ detail, hint: hint ?? `change \`${origin.text}\` in \`concretizer:splice:explicit\``, cause: error },
    })
  }
}

/** Whether a target is the root or the dependency that its name means there. */
function contains(spec: Spec, target: Spec, facts: SpecFacts): boolean {
  const meant = !target.name || target.name === spec.name ? spec : findDependency(spec, target.name)
  return meant !== null && satisfies(meant, target, { facts })
}

/** A spliced root may be something else than was asked for, as long as it was built as that. */
function checkRequest(root: Spec, { spec, origin }: Request, warn: (text: string) => void, facts: SpecFacts): void {
  if (satisfies(root, spec, { facts })) return
  const shown = formatSpec(root, '{name}{@version}/{hash:7}')
  if (satisfies(root.concrete!.buildSpec ?? root, spec, { facts })) {
    warn(`with the splices of \`concretizer:splice:explicit\`, \`${shown}\` is no longer \`${origin.text}\``)
    return
  }
  throw new SpackError('splice', `a splice puts \`${shown}\` in the place of \`${origin.text}\`, which is asked for`, {
    where: origin.where ?? undefined,
    hint: 'ask for the replacement, or change `concretizer:splice:explicit`',
  })
}
