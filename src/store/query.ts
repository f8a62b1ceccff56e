// Finding installed specs: first by what the records say, then, for those that are left, by the spec itself.

import { compareSpecs } from '../spec/compare.ts'
import { isVirtualName, type PackageFacts } from '../spec/facts.ts'
import { readNodes, type SpecNode } from '../spec/node.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { isAnyVersion } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Database, InstallRecord } from './database.ts'
import type { OpenDatabase } from './transaction.ts'

export type RecordStatus = 'installed' | 'missing' | 'deprecated'

export interface StoreQuery {
  /** Left out, everything matches. */
  spec?: Spec
  /** Default: installed. */
  statuses?: readonly RecordStatus[]
  isExplicit?: boolean
  /** Nothing else than these. */
  hashes?: ReadonlySet<DagHash>
  /** Installed later and earlier than these seconds since the epoch. */
  afterSeconds?: number
  beforeSeconds?: number
  origin?: string
  /** `all` (default), `local`, `upstream`, or an upstream's name or root. */
  tree?: string
}

export interface StoredSpec {
  spec: Spec
  record: InstallRecord
  /** The name of the upstream that it is in. */
  upstream: string | undefined
}

export interface InstalledSpecs {
  /** In ascending order. Throws SpackError `virtual-version`. */
  find: (query: StoreQuery) => StoredSpec[]
  /** The record of a hash and the upstream that has it: of the local store, of an upstream that has it installed, of any. */
  locate: (hash: DagHash) => { record: InstallRecord; upstream: string | undefined } | undefined
  /** The specs of hashes that have records. */
  specs: (hashes: Iterable<DagHash>) => Map<DagHash, Spec>
}

interface Tree {
  database: Database
  upstream: string | undefined
  root: string
}

/** The specs of a store and its upstreams. They are made when they are asked for. `facts` know virtuals; without them records say who is a provider. */
export function installedSpecs(root: string, open: OpenDatabase, facts?: PackageFacts): InstalledSpecs {
  const trees: Tree[] = [
    { database: open.database, upstream: undefined, root },
    ...open.upstreams.map(({ name, root, database }) => ({ database, upstream: name, root })),
  ]
  const known = new Map<DagHash, Spec>()
  const locate: InstalledSpecs['locate'] = (hash) => {
    let missing: ReturnType<InstalledSpecs['locate']>
    for (const { database, upstream } of trees) {
      const record = database.record(hash)
      if (record && (!upstream || record.isInstalled)) return { record, upstream }
      if (record) missing ??= { record, upstream }
    }
    return missing
  }
  const specs: InstalledSpecs['specs'] = (hashes) => {
    const wanted = [...hashes].filter((hash) => locate(hash))
    const fresh = wanted.filter((hash) => !known.has(hash))
    for (const [hash, spec] of readNodes(closure(fresh, locate))) known.set(hash, spec)
    return new Map(wanted.map((hash) => [hash, known.get(hash)!]))
  }
  return { find: (query) => find(query, trees, specs, facts), locate, specs }
}

/** The nodes of hashes and of all that they refer to. What has no record is left out, and so is what refers to it. */
function closure(hashes: readonly DagHash[], locate: InstalledSpecs['locate']): SpecNode[] {
  const nodes = new Map<DagHash, SpecNode>()
  const waiting = [...hashes]
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    const node = nodes.has(hash) ? undefined : locate(hash)?.record.node
    if (!node) continue
    const whole = withoutMissing(node, (hash) => locate(hash) !== undefined)
    nodes.set(hash, whole)
    const referred = [...(whole.dependencies ?? []), ...(whole.build_spec ? [whole.build_spec] : [])]
    waiting.push(...referred.map((reference) => reference.hash as DagHash))
  }
  return [...nodes.values()]
}

function withoutMissing(node: SpecNode, isThere: (hash: DagHash) => boolean): SpecNode {
  const present = node.dependencies?.filter((dependency) => isThere(dependency.hash as DagHash))
  const hasBuildSpec = !node.build_spec || isThere(node.build_spec.hash as DagHash)
  if (present?.length === node.dependencies?.length && hasBuildSpec) return node
  return { ...node, dependencies: present, build_spec: hasBuildSpec ? node.build_spec : undefined }
}

function find(
  query: StoreQuery,
  trees: readonly Tree[],
  specs: InstalledSpecs['specs'],
  facts: PackageFacts | undefined,
): StoredSpec[] {
  const found = new Map<DagHash, StoredSpec>()
  for (const tree of askedTrees(trees, query.tree ?? 'all')) {
    const candidates = candidateRecords(tree.database, query, facts)
    const made = specs(candidates.map((record) => record.hash))
    for (const record of candidates) {
      const spec = made.get(record.hash)
      if (!spec || found.has(record.hash) || !matches(spec, query.spec, facts)) continue
      found.set(record.hash, { spec, record, upstream: tree.upstream })
    }
  }
  return [...found.values()].sort((a, b) => compareSpecs(a.spec, b.spec))
}

/** Throws SpackError `install-tree` for a name or path that there is not. */
function askedTrees(trees: readonly Tree[], asked: string): Tree[] {
  const found = trees.filter((tree) => isAsked(tree, asked))
  if (found.length > 0 || asked === 'upstream') return found
  const names = ['all', 'local', 'upstream', ...trees.flatMap(({ upstream }) => upstream ?? [])]
  throw new SpackError('install-tree', `there is no install tree \`${asked}\``, {
    hint: didYouMean(asked, names) ?? `there are ${names.join(', ')}, and the paths of their roots`,
  })
}

const isAsked = ({ upstream, root }: Tree, tree: string): boolean =>
  tree === 'all' || tree === (upstream ? 'upstream' : 'local') || tree === upstream || tree === root

function matches(spec: Spec, asked: Spec | undefined, facts: PackageFacts | undefined): boolean {
  if (!asked) return true
  // Of a virtual that no recipe knows, `candidateRecords` has decided.
  if (asked.name !== null && asked.name !== spec.name && !isVirtualName(asked.name, facts)) return true
  return satisfies(spec, asked, { facts })
}

/** What may match, by the records alone. Only those that have the hash and the name are looked into. */
function candidateRecords(database: Database, query: StoreQuery, facts: PackageFacts | undefined): InstallRecord[] {
  const { spec, hashes } = query
  const beginning = spec?.concrete?.hash ?? spec?.abstractHash ?? ''
  const possible = database
    .hashes()
    .filter((hash) => hash.startsWith(beginning) && (hashes === undefined || hashes.has(hash)))
  const fitting = (some: readonly DagHash[]) =>
    some.map((hash) => database.record(hash)!).filter((record) => fitsRecord(record, query))
  if (!spec?.name) return fitting(possible)
  const named = fitting(possible.filter((hash) => database.nameOf(hash) === spec.name))
  if (named.length) return named
  if (!facts || !isVirtualName(spec.name, facts)) return providers(database, fitting(possible), spec)
  return fitting(possible.filter((hash) => mayProvide(database.nameOf(hash), spec.name, facts)))
}

const mayProvide = (name: string, virtual: string | null, facts: PackageFacts): boolean =>
  facts.provides(name).some(({ virtuals }) => virtuals.some((provided) => provided.name === virtual))

function fitsRecord(record: InstallRecord, query: StoreQuery): boolean {
  const { statuses = ['installed'], isExplicit, afterSeconds, beforeSeconds, origin } = query
  return (
    statuses.includes(recordStatus(record)) &&
    (isExplicit === undefined || record.isExplicit === isExplicit) &&
    (afterSeconds === undefined || record.timeSeconds > afterSeconds) &&
    (beforeSeconds === undefined || record.timeSeconds < beforeSeconds) &&
    (origin === undefined || record.origin === origin)
  )
}

function recordStatus(record: InstallRecord): RecordStatus {
  if (record.isInstalled) return 'installed'
  return record.deprecatedFor ? 'deprecated' : 'missing'
}

/** When no package has the name and no recipe knows it: those that supply the virtual of that name to an installed spec. */
function providers(database: Database, fitting: readonly InstallRecord[], virtual: Spec): InstallRecord[] {
  const suppliers = new Set<string>()
  for (const record of database.records()) {
    for (const { hash, parameters } of record.node.dependencies ?? []) {
      if (parameters.virtuals.includes(virtual.name!)) suppliers.add(hash)
    }
  }
  const found = fitting.filter((record) => suppliers.has(record.hash))
  if (found.length && !isAnyVersion(virtual.versions)) {
    const message = `\`${virtual.name}\` is a virtual, and no recipe says which versions of it a package provides`
    throw new SpackError('virtual-version', message, {
      hint: `see \`spack repo list\`; or ask for \`${virtual.name}\`, or for a provider by its name`,
    })
  }
  return found
}
