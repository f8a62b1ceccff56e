// A lockfile → a depfile: the graph, its rules, their text.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { allNodes, allRoots, type LockedSpecs } from '../environment/lockfile.ts'
import { type Programs, templateText } from '../program.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { specFile } from '../store/prefix-metadata.ts'
import type { Store } from '../store/store.ts'
import type { SpecMatch } from './filter.ts'
import { type CachePolicies, type DepfileGraph, reachableGraph } from './graph.ts'
import { makefileText, type SpecText } from './makefile.ts'
import { targetNames } from './names.ts'
import { nodeText, plainProjection } from './node-text.ts'
import { depfileRules } from './rules.ts'

/**
 * The part of a lockfile's graph that is asked for: everything below the roots, or below what the `words` of a command line
 * match. Throws SpackError for words that are no specs.
 */
export async function depfileGraph(
  lockfile: LockedSpecs,
  words: readonly string[],
  cachePolicies: CachePolicies,
  options: { allDependencies?: boolean } = {},
): Promise<DepfileGraph> {
  const roots = words.length ? await matchingHashes(lockfile, words) : rootHashes(lockfile)
  return reachableGraph(allNodes(lockfile), roots, cachePolicies, options)
}

async function matchingHashes(lockfile: LockedSpecs, words: readonly string[]): Promise<DagHash[]> {
  const matches = await matchesIn(lockfile, words)
  return matches.flatMap(({ hashes }) => hashes)
}

const rootHashes = (lockfile: LockedSpecs): DagHash[] => allRoots(lockfile).map(({ hash }) => hash)

/** What the `words` of a command line match in a lockfile. Throws SpackError for words that are no specs. */
export async function matchesIn(lockfile: LockedSpecs, words: readonly string[]): Promise<SpecMatch[]> {
  const { matchSpecs } = await import('./filter.ts')
  const nodes = allNodes(lockfile)
  const whole = reachableGraph(nodes, rootHashes(lockfile), { package: 'auto', dependencies: 'auto' })
  const below = new Set(whole.nodes.map(({ hash }) => hash))
  return matchSpecs(nodes, (hash) => below.has(hash), words)
}

export interface DepfileOptions {
  environmentDir: string
  store: Store
  /** `--make-prefix` */
  prefix?: string
  jobserver: boolean
  /** Whether make says how much there is to do before it begins. */
  overview: boolean
  programs: Programs
}

/** The text of the depfile of a graph. Throws SpackError `depfile-name` for paths that make cannot hold. */
export async function depfileText(
  graph: DepfileGraph,
  lockfile: LockedSpecs,
  options: DepfileOptions,
): Promise<string> {
  const names = targetNames(options.environmentDir, options.prefix)
  const prefixOf = await nodePrefixes(options.store, lockfile)
  const specTexts = new Map<DagHash, SpecText>(
    graph.nodes.map(({ hash, node }) => [hash, { spec: nodeText(node), prefix: prefixOf(node) }]),
  )
  return makefileText(graph, depfileRules(graph, names), names, {
    template: templateText('depfile.mk'),
    environmentDir: options.environmentDir,
    storeRoot: options.store.root,
    specText: (hash) => specTexts.get(hash)!,
    jobserver: options.jobserver,
    overview: options.overview,
    programs: options.programs,
  })
}

/** Where nodes are installed: in an upstream store if they are there, else in this one. */
export async function nodePrefixes(store: Store, lockfile: LockedSpecs): Promise<(node: SpecNode) => string | null> {
  const relative = await relativePrefixes(store, lockfile)
  const upstreams = Object.values(store.upstreams)
  return (node) => {
    if (node.external) return node.external.path
    const path = relative(node)
    const upstream = upstreams.find((root) => existsSync(specFile(join(root, path))))
    return `${upstream ?? store.root}/${path}`
  }
}

async function relativePrefixes(store: Store, lockfile: LockedSpecs): Promise<(node: SpecNode) => string> {
  const { all, ...conditional } = store.projections
  const plain = all === undefined || Object.keys(conditional).length ? null : plainProjection(all)
  if (plain) return plain
  const [{ readNodes }, { projectSpec }] = await Promise.all([
    import('../spec/node.ts'),
    import('../spec/projection.ts'),
  ])
  const specs = readNodes(allNodes(lockfile).values())
  return ({ hash }) => projectSpec(store.projections, specs.get(hash as DagHash)!)
}
