// The two questions about a pair of specs: is all that one allows also allowed by the other (satisfies), and is there
// something that both allow (intersects). Follows Spack's `Spec.satisfies` and `Spec.intersects`.

import { archIntersects, archSatisfies } from './arch.ts'
import { dependenciesIntersect, dependenciesSatisfy } from './dependency-relations.ts'
import type { PackageFacts } from './facts.ts'
import { flagsSatisfy } from './flags.ts'
import type { Spec } from './spec.ts'
import { variantsIntersect, variantsSatisfy } from './variants.ts'
import { intersectsVersions, satisfiesVersions } from './version-list.ts'

export interface RelationOptions {
  /** Without facts no name is virtual, save that an edge which provides `mpi` is what a bare `^mpi` asks for. */
  facts?: PackageFacts
  /** Leave dependencies aside. */
  nodeOnly?: boolean
}

/**
 * Whether all concrete specs that match `a` also match `b`. Throws SpackError `git-version-unresolved` and
 * `unknown-target` where the answer depends on what is not known.
 */
export function satisfies(a: Spec, b: Spec, options: RelationOptions = {}): boolean {
  if (a === b) return true
  if (b.concrete) return a.concrete?.hash === b.concrete.hash
  if (b.abstractHash && !(a.concrete?.hash ?? a.abstractHash)?.startsWith(b.abstractHash)) return false
  if (haveDifferentNames(a, b)) return satisfiesVirtual(a, b, options.facts)
  return (
    namespacesAgree(a, b) &&
    satisfiesVersions(a.versions, b.versions) &&
    variantsSatisfy(a, b) &&
    archSatisfies(a.arch, b.arch) &&
    flagsSatisfy(a.flags, b.flags) &&
    (options.nodeOnly || !b.edges.length || dependenciesSatisfy(a, b, options.facts))
  )
}

/**
 * Whether some concrete spec may match both. Symmetric, but for `target=*`, `platform=*` and `os=*`, where it is
 * Spack's order that counts. Throws as `satisfies`.
 */
export function intersects(a: Spec, b: Spec, options: RelationOptions = {}): boolean {
  if (a === b) return true
  const { facts } = options
  if (a.concrete) return b.concrete ? a.concrete.hash === b.concrete.hash : satisfies(a, b, { facts })
  if (b.concrete) return satisfies(b, a, { facts })
  if (!hashesAgree(a.abstractHash, b.abstractHash)) return false
  if (haveDifferentNames(a, b)) return facts !== undefined && intersectsVirtual(a, b, facts)
  return (
    namespacesAgree(a, b) &&
    intersectsVersions(a.versions, b.versions) &&
    variantsIntersect(a.variants, b.variants) &&
    archIntersects(a.arch, b.arch) &&
    (options.nodeOnly || dependenciesIntersect(a, b, facts))
  )
}

const haveDifferentNames = (a: Spec, b: Spec): boolean => Boolean(a.name && b.name && a.name !== b.name)

/** A namespace that is not given may be any. */
const namespacesAgree = (a: Spec, b: Spec): boolean =>
  a.namespace === null || b.namespace === null || a.namespace === b.namespace

/** Of two beginnings of a hash one must be the beginning of the other. */
const hashesAgree = (a: string | null, b: string | null): boolean => !a || !b || a.startsWith(b) || b.startsWith(a)

/** Whether the package `a` provides the virtual `b`. */
function satisfiesVirtual(a: Spec, b: Spec, facts: PackageFacts | undefined): boolean {
  if (!facts || facts.isVirtual(a.name!) || !facts.isVirtual(b.name!)) return false
  return mayProvide(a, b, facts, (when) => satisfies(a, when, { facts, nodeOnly: true }))
}

function intersectsVirtual(a: Spec, b: Spec, facts: PackageFacts): boolean {
  const [aIsVirtual, bIsVirtual] = [facts.isVirtual(a.name!), facts.isVirtual(b.name!)]
  if (aIsVirtual && bIsVirtual) {
    const others = providersOf(b, facts)
    return providersOf(a, facts).some((provider) => others.some((other) => intersects(provider, other, { facts })))
  }
  if (!aIsVirtual && !bIsVirtual) return false
  const [virtual, provider] = aIsVirtual ? [a, b] : [b, a]
  return mayProvide(provider, virtual, facts, (when) => intersects(provider, when, { facts, nodeOnly: true }))
}

/** Whether a condition holds under which the provider supplies something like what is asked for. */
function mayProvide(provider: Spec, virtual: Spec, facts: PackageFacts, holds: (when: Spec) => boolean): boolean {
  const provisions = facts.provides(provider.name!)
  const hasName = provisions.some(
    ({ when, virtuals }) => virtuals.some(({ name }) => name === virtual.name) && intersects(provider, when, { facts }),
  )
  if (!hasName) return false
  return provisions.some(
    ({ when, virtuals }) => holds(when) && virtuals.some((provided) => intersects(provided, virtual, { facts })),
  )
}

function providersOf(virtual: Spec, facts: PackageFacts): Spec[] {
  const supply = facts.providers(virtual.name!)
  const fitting = supply.filter((provided) => intersects(provided.virtual, virtual, { facts, nodeOnly: true }))
  return fitting.flatMap(({ providers }) => providers)
}
