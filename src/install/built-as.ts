// What a spliced spec was built as: its binary is that of its build spec, linked anew. Which prefix stands where another
// stood follows Spack's splices: whatever has the same name, else whatever is used for the same virtuals.

import { compareSpecs } from '../spec/compare.ts'
import { type DagHash, deptypeBits, type Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { allDeptypes, hasDeptype, walkEdges } from '../spec/traverse-edges.ts'

/** A plain value, as it is part of an install plan. */
export interface BuiltAs {
  /** Where the build spec is in this store, or would be. */
  prefix: string
  /** The same for the build spec and all that its files may mention, by hash. */
  prefixes: Readonly<Record<string, string>>
  /** By hash of what was there when it was built: the prefix that takes its place. */
  replacements: Readonly<Record<string, string>>
  /** Replaced externals: no archive says where they are mentioned, so that is not changed. */
  kept: readonly { name: string; prefix: string }[]
}

type PrefixOf = (spec: Spec) => string | null

/** What a spliced spec was built as; undefined for others. `prefixOf` also knows where externals are. */
export function builtAs(spec: Spec, prefixOf: PrefixOf): BuiltAs | undefined {
  const origin = spec.concrete?.buildSpec
  if (!origin) return undefined
  const replaced = replacedNodes(spec, origin).filter(({ by }) => prefixOf(by) !== null)
  const [externals, packages] = [replaced.filter(isOfExternal), replaced.filter((pair) => !isOfExternal(pair))]
  const kept = externals
    .filter(({ node, by }) => prefixOf(node) !== prefixOf(by))
    .map(({ node }) => ({ name: node.name!, prefix: prefixOf(node) ?? '' }))
  return {
    prefix: prefixOf(origin)!,
    prefixes: Object.fromEntries(mentioned(origin).map((node) => [node.concrete!.hash, prefixOf(node)!])),
    replacements: Object.fromEntries(packages.map(({ node, by }) => [node.concrete!.hash, prefixOf(by)!])),
    kept: kept.filter(({ prefix }) => prefix !== ''),
  }
}

interface Replaced {
  node: Spec
  by: Spec
}

const isOfExternal = ({ node }: Replaced): boolean => node.concrete!.external !== null
const withoutBuild = allDeptypes & ~deptypeBits.build

/** The nodes of the build spec that are not in the spliced one, where there is something in their place. */
function replacedNodes(spec: Spec, origin: Spec): Replaced[] {
  const nodes = traverseNodes([spec], { deptypes: withoutBuild })
  const present = new Set(nodes.map((node) => node.concrete!.hash))
  const [usedNow, usedThen] = [virtualsIn(spec), virtualsIn(origin)]
  const standIn = (node: Spec): Spec | undefined => {
    const virtuals = [...(usedThen.get(node.concrete!.hash) ?? [])]
    const named = nodes.filter((each) => each.name === node.name)
    const providers = nodes.filter((each) => {
      const own = usedNow.get(each.concrete!.hash)
      return virtuals.length > 0 && virtuals.every((virtual) => own?.has(virtual))
    })
    return newest(named) ?? newest(providers)
  }
  return traverseNodes([origin], { deptypes: withoutBuild })
    .filter((node) => !present.has(node.concrete!.hash))
    .flatMap((node) => {
      const by = node === origin ? spec : standIn(node)
      return by ? [{ node, by }] : []
    })
}

const newest = (specs: readonly Spec[]): Spec | undefined => [...specs].sort(compareSpecs).at(-1)

/** For which virtuals the nodes of a DAG are used. */
function virtualsIn(root: Spec): Map<DagHash, Set<string>> {
  const used = new Map<DagHash, Set<string>>()
  for (const { node, edge } of walkEdges([root], { order: 'breadth', cover: 'edges' })) {
    const { hash } = node.concrete!
    used.set(hash, new Set([...(used.get(hash) ?? []), ...(edge?.virtuals ?? [])]))
  }
  return used
}

/** The spec, what it links to and what it runs: the prefixes that an archive of it lists. */
function mentioned(spec: Spec): Spec[] {
  const run = spec.edges.filter((edge) => hasDeptype(edge, deptypeBits.run)).map(({ child }) => child)
  const nodes = [...traverseNodes([spec], { order: 'breadth', deptypes: deptypeBits.link }), ...run]
  return nodes.filter((node) => node.concrete!.external === null)
}
