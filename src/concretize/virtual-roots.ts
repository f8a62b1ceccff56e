// Which node is the root of a request for a virtual. Spack takes the first node of its answer that provides it, be it the
// provider that others depend on or not: `iconv` is the C library, though its provider is libiconv.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { satisfies } from '../spec/satisfies.ts'
import { emptySpec, type Spec } from '../spec/spec.ts'
import type { Encoding } from './encoding.ts'
import type { PackageNode } from './package-node.ts'

/** The first of what provides a virtual that is asked for, where it is as asked: what is reused, then by name, tools last. */
export function rootOfVirtual(
  encoding: Encoding,
  specs: ReadonlyMap<PackageNode, Spec>,
  asked: Spec,
  { facts, isReused }: { facts: SpecFacts; isReused: (node: PackageNode) => boolean },
): Spec | undefined {
  const virtual = { ...emptySpec(), name: asked.name }
  const group = (node: PackageNode) => (isReused(node) ? 0 : encoding.isMulti(node.name) ? 2 : 1)
  const [first] = [...specs]
    .filter(([{ id }, spec]) => id === 0 && satisfies(spec, virtual, { facts }))
    .sort(([a], [b]) => group(a) - group(b) || (a.name < b.name ? -1 : 1))
  return first && satisfies(first[1], asked, { facts }) ? first[1] : undefined
}
