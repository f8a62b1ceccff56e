// What is different between two lockfiles: nodes that are new, gone or changed, and what of them changed.

import { type JsonObject, objectEntries } from '../spec/json.ts'
import type { NodeDependency, SpecNode } from '../spec/node.ts'
import { isFlagKind } from '../spec/spec.ts'
import { asBool } from '../spec/variant-text.ts'
import { allNodes, allRoots, type LockedSpecs } from './lockfile.ts'

/** One fact of a node, before and after; null where there was or is none. */
export interface FactChange {
  /** `version`, a variant's name, `target`, `%c`… */
  fact: string
  before: string | null
  after: string | null
}

export interface NodeChange {
  before: SpecNode
  after: SpecNode
  /** Empty when only what it depends on is different. */
  facts: readonly FactChange[]
  /** Names of the dependencies that are other nodes now. */
  dependencies: readonly string[]
}

export interface LockfileChanges {
  added: readonly SpecNode[]
  removed: readonly SpecNode[]
  changed: readonly NodeChange[]
  /** Abstract roots that are asked for now and were not, and the other way round. */
  rootsAdded: readonly string[]
  rootsRemoved: readonly string[]
}

/** Compares two lockfiles; `before` may be missing. Nodes are paired by name, those that are most alike first. */
export function lockfileChanges(before: LockedSpecs | undefined, after: LockedSpecs): LockfileChanges {
  const old = before ? allNodes(before) : new Map<string, SpecNode>()
  const now = allNodes(after)
  const gone = groupByName([...old].flatMap(([hash, node]) => (now.has(hash as never) ? [] : [node])))
  const fresh = groupByName([...now].flatMap(([hash, node]) => (old.has(hash as never) ? [] : [node])))
  const added: SpecNode[] = []
  const removed: SpecNode[] = []
  const changed: NodeChange[] = []
  for (const name of [...new Set([...gone.keys(), ...fresh.keys()])].sort()) {
    const pairs = pairNodes(gone.get(name) ?? [], fresh.get(name) ?? [])
    changed.push(...pairs.matched)
    removed.push(...pairs.left)
    added.push(...pairs.right)
  }
  const oldRoots = new Set(before ? allRoots(before).map(({ spec }) => spec) : [])
  const newRoots = new Set(allRoots(after).map(({ spec }) => spec))
  return {
    added,
    removed,
    changed,
    rootsAdded: [...newRoots].filter((spec) => !oldRoots.has(spec)),
    rootsRemoved: [...oldRoots].filter((spec) => !newRoots.has(spec)),
  }
}

function groupByName(nodes: readonly SpecNode[]): Map<string, SpecNode[]> {
  const groups = new Map<string, SpecNode[]>()
  for (const node of nodes) {
    const group = groups.get(node.name)
    if (group) group.push(node)
    else groups.set(node.name, [node])
  }
  return groups
}

/** More nodes of one name than this are paired in their order: comparing each with each would take too long. */
const mostCompared = 64

function pairNodes(gone: readonly SpecNode[], fresh: readonly SpecNode[]) {
  const left = new Set(gone)
  const right = new Set(fresh)
  const matched: NodeChange[] = []
  const pair = (change: NodeChange) => {
    if (!left.delete(change.before)) return
    if (right.delete(change.after)) matched.push(change)
    else left.add(change.before)
  }
  const isMany = gone.length * fresh.length > mostCompared ** 2
  const candidates = isMany
    ? gone.slice(0, fresh.length).map((before, index) => compareNodes(before, fresh[index]!))
    : gone.flatMap((before) => fresh.map((after) => compareNodes(before, after)))
  const distance = ({ facts, dependencies }: NodeChange) => facts.length * 1000 + dependencies.length
  for (const change of candidates.sort((a, b) => distance(a) - distance(b))) pair(change)
  return { matched, left: [...left], right: [...right] }
}

function compareNodes(before: SpecNode, after: SpecNode): NodeChange {
  const [old, now] = [factsOf(before), factsOf(after)]
  const facts = [...new Set([...old.keys(), ...now.keys()])].flatMap((fact): FactChange[] => {
    const change = { fact, before: old.get(fact) ?? null, after: now.get(fact) ?? null }
    return change.before === change.after ? [] : [change]
  })
  return { before, after, facts, dependencies: changedDependencies(before, after) }
}

/** All that a node is, without what it depends on; dependencies count by name, deptypes and virtuals. */
function factsOf(node: SpecNode): Map<string, string> {
  const facts = new Map<string, string>()
  facts.set('version', node.version ?? (node.versions ?? []).join(','))
  for (const [name, value] of objectEntries(node.parameters ?? ({} as JsonObject)))
    facts.set(name, parameterText(name, value))
  const { arch } = node
  const target = typeof arch?.target === 'string' ? arch.target : arch?.target?.name
  for (const [fact, value] of [
    ['platform', arch?.platform],
    ['os', arch?.platform_os],
    ['target', target],
    ['repository', node.namespace],
    ['external', node.external?.path ?? node.external?.module?.join(' ')],
    ['built as', node.build_spec && `${node.build_spec.name}/${node.build_spec.hash.slice(0, 7)}`],
    ['patches', node.patches?.map((digest) => digest.slice(0, 7)).join(' ')],
    ['recipe', node.package_hash?.slice(0, 7)],
  ] as const) {
    if (value) facts.set(fact, value)
  }
  for (const dependency of node.dependencies ?? []) facts.set(edgeName(dependency), edgeText(dependency))
  for (const [fact, value] of facts) if (value === '') facts.delete(fact)
  return facts
}

/** A provider of a language or another virtual is told by what it provides: `mpi` may come from another package. */
const edgeName = ({ name, parameters }: NodeDependency): string =>
  parameters.virtuals.length > 0 ? `${parameters.virtuals.join(',')} from` : `dependency ${name}`

const edgeText = ({ name, parameters }: NodeDependency): string =>
  parameters.virtuals.length > 0 ? name : parameters.deptypes.join(',')

function parameterText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(isFlagKind(name) ? ' ' : ',')
  const bool = typeof value === 'boolean' ? value : asBool(String(value))
  return bool === undefined ? String(value) : `${bool ? '+' : '~'}${name}`
}

function changedDependencies(before: SpecNode, after: SpecNode): string[] {
  const old = new Map((before.dependencies ?? []).map(({ name, hash }) => [name, hash]))
  return (after.dependencies ?? []).flatMap(({ name, hash }) => (old.has(name) && old.get(name) !== hash ? [name] : []))
}
