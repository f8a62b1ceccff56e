// What a package may depend on directly, whatever is chosen: by its recipe, by what compilers inject, as something reused.

import { specName } from '../spec/characters.ts'
import { type Deptype, deptypeNames } from '../spec/spec.ts'
import type { World } from './world.ts'

export interface Link {
  /** A package or a virtual. */
  name: string
  when: string
  /** The constraint on it. */
  spec: string
  types: readonly Deptype[]
}

/** By package, all that it may depend on. */
const linksByWorld = new WeakMap<World, Map<string, readonly Link[]>>()
const injectedByWorld = new WeakMap<World, readonly Link[]>()

/** All that a package may depend on directly. */
export function linksOf(world: World, name: string): readonly Link[] {
  const known = linksByWorld.get(world) ?? new Map<string, readonly Link[]>()
  linksByWorld.set(world, known)
  let links = known.get(name)
  if (!links) known.set(name, (links = [...declaredLinks(world, name), ...reusedLinks(world, name)]))
  return links
}

/** The packages that may be there for a name: providers for a virtual. */
export const packagesOf = (world: World, name: string): readonly string[] =>
  world.isVirtual(name) ? world.providers(name) : [name]

/** What it may depend on when it is built. */
export const declaredLinks = (world: World, name: string): Link[] => [
  ...(world.package(name)?.recipe.dependencies ?? []).map(({ spec, when, types }) => ({
    name: specName(spec),
    when,
    spec,
    types,
  })),
  ...injectedLinks(world),
]

/** What compilers add to all that they build. */
export function injectedLinks(world: World): readonly Link[] {
  let links = injectedByWorld.get(world)
  if (!links) {
    const rules = world.compilers.flatMap((compiler) => compiler.rules)
    links = rules.flatMap((rule): Link[] =>
      rule.kind === 'depends_on' ? [{ name: specName(rule.spec), when: '', spec: rule.spec, types: [rule.type] }] : [],
    )
    injectedByWorld.set(world, links)
  }
  return links
}

const reusedLinks = ({ reusable }: World, name: string): Link[] =>
  reusable
    .of(name)
    .flatMap(({ edges }) =>
      edges.map(
        ({ child, deptypes }): Link => ({ name: child.name!, when: '', spec: '', types: deptypeNames(deptypes) }),
      ),
    )
