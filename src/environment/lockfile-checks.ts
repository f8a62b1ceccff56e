// What must hold of a lockfile's nodes before anything is done with them. Written by hand: a schema library would take
// longer to load than a file with 800 nodes takes to read.

import { isRecord } from '../spec/json.ts'
import type { NodeDependency, SpecNode } from '../spec/node.ts'
import { type DagHash, deptypeBits } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { positionAt } from '../ui/json-fault.ts'

export interface LockfileSource {
  text: string
  file: string
}

export const restoreHint = 'restore it from a copy, or make it anew with `spack concretize --force`'

/** An error of a lockfile that is JSON but no usable lockfile. `quoted` is text that stands where the fault is. */
export function lockfileFault(source: LockfileSource, message: string, quoted?: string): SpackError {
  const offset = quoted === undefined ? -1 : source.text.indexOf(quoted)
  const position = offset < 0 ? undefined : positionAt(source.text, offset)
  return new SpackError('lockfile-invalid', message, {
    where: position ? `${source.file}:${position.line}:${position.column}` : source.file,
    hint: restoreHint,
  })
}

/** Whether a text has the form of a DAG hash. */
export const isHash = (text: string): boolean => /^[a-z2-7]{32}$/.test(text)

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string'
const isRecordOrAbsent = (value: unknown): boolean => value === undefined || isRecord(value)
const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)

/** Members of a node that have one simple type. */
const memberTypes: Readonly<Record<string, [holds: (value: unknown) => boolean, type: string]>> = {
  version: [(value) => value === undefined || (isText(value) && !/[\s\u0000]/.test(value)), 'a version'],
  namespace: [isTextOrAbsent, 'a text'],
  package_hash: [isTextOrAbsent, 'a text'],
  parameters: [isRecordOrAbsent, 'an object'],
  annotations: [isRecordOrAbsent, 'an object'],
  patches: [(value) => value === undefined || isTextList(value), 'a list of texts'],
  arch: [(value) => value === undefined || isArch(value), 'an object with platform, platform_os and target'],
  external: [(value) => value === undefined || value === null || isExternal(value), 'an object with path and module'],
  build_spec: [(value) => value === undefined || isReference(value), 'an object with name and hash'],
}

/** Throws unless `node`, which is in format 5, can be worked with; `key` is its key in a lockfile of `version`. */
export function checkNode(
  node: unknown,
  key: string,
  version: number,
  source: LockfileSource,
): asserts node is SpecNode {
  const fail = (message: string) => lockfileFault(source, message, `"${key}"`)
  if (!isHash(key)) throw fail(`\`${key}\` in \`concrete_specs\` is not a hash (32 of a-z and 2-7)`)
  if (!isRecord(node)) throw fail(`the node /${key} has to be an object`)
  const { name, hash } = node
  if (!isText(name) || !namePattern.test(name)) throw fail(`the node /${key} has no valid name`)
  // Up to version 3 the keys are other hashes.
  if (hash !== undefined && (!isText(hash) || !isHash(hash) || (version > 3 && hash !== key))) {
    throw fail(`the node ${name}/${key} says that its hash is \`${String(hash)}\``)
  }
  for (const member in memberTypes) {
    const [holds, type] = memberTypes[member]!
    if (!holds(node[member])) throw fail(`\`${member}\` of ${name}/${key} has to be ${type}`)
  }
  if (node.version === undefined && !Array.isArray(node.versions)) throw fail(`${name}/${key} has no version`)
  if (node.concrete === false) throw fail(`${name}/${key} is not concrete`)
  const { dependencies } = node
  if (dependencies === undefined) return
  if (!Array.isArray(dependencies) || !dependencies.every(isDependency)) {
    throw fail(`a dependency of ${name}/${key} has no valid name, hash, deptypes and virtuals`)
  }
}

const isReference = (value: unknown): boolean => isRecord(value) && isText(value.name) && isText(value.hash)

const isExternal = (value: unknown): boolean =>
  isRecord(value) &&
  (value.path === null || isText(value.path)) &&
  (value.extra_attributes === undefined || value.extra_attributes === null || isRecord(value.extra_attributes))

const isArch = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.platform) &&
  isText(value.platform_os) &&
  (isText(value.target) || (isRecord(value.target) && isText(value.target.name)))

function isDependency(value: unknown): value is NodeDependency {
  if (!isRecord(value) || !isText(value.name) || !isText(value.hash)) return false
  const { parameters } = value
  return (
    isRecord(parameters) &&
    isTextList(parameters.deptypes) &&
    parameters.deptypes.every((deptype) => deptype in deptypeBits) &&
    isTextList(parameters.virtuals)
  )
}

/** Throws unless all hashes have a node of the name that goes with them and no node needs itself. */
export function checkGraph(
  nodes: ReadonlyMap<DagHash, SpecNode>,
  roots: readonly { hash: DagHash; spec: string }[],
  source: LockfileSource,
): void {
  for (const { hash, spec } of roots) {
    if (!nodes.has(hash)) throw lockfileFault(source, `the root \`${spec}\` has no node /${hash}`, `"${hash}"`)
  }
  for (const node of nodes.values()) {
    for (const dependency of node.dependencies ?? []) checkReference(node, dependency, nodes, source)
    if (node.build_spec) checkReference(node, node.build_spec, nodes, source)
  }
  const cycle = findCycle(nodes)
  if (cycle) {
    const names = cycle.map((hash) => `${nodes.get(hash)!.name}/${hash.slice(0, 7)}`)
    throw lockfileFault(source, `specs depend on each other in a circle: ${names.join(' → ')}`, `"${cycle[0]}"`)
  }
}

function checkReference(
  node: SpecNode,
  reference: { name: string; hash: string },
  nodes: ReadonlyMap<DagHash, SpecNode>,
  source: LockfileSource,
): void {
  const found = nodes.get(reference.hash as DagHash)
  if (found && found.name === reference.name) return
  const problem = found ? `which is ${found.name}` : 'which has no node'
  const message = `${node.name}/${node.hash} refers to ${reference.name}/${reference.hash}, ${problem}`
  throw lockfileFault(source, message, `"${reference.hash}"`)
}

/** Hashes along a circle of dependencies, the first one repeated at the end. Not recursive: a chain may be long. */
function findCycle(nodes: ReadonlyMap<DagHash, SpecNode>): DagHash[] | undefined {
  const finished = new Set<DagHash>()
  for (const root of nodes.keys()) {
    if (finished.has(root)) continue
    const path = [{ hash: root, next: 0 }]
    const onPath = new Set([root])
    while (path.length > 0) {
      const top = path.at(-1)!
      const child = nodes.get(top.hash)!.dependencies?.[top.next++]?.hash as DagHash | undefined
      if (child === undefined) {
        path.pop()
        onPath.delete(top.hash)
        finished.add(top.hash)
      } else if (onPath.has(child)) {
        const hashes = path.map((entry) => entry.hash)
        return [...hashes.slice(hashes.indexOf(child)), child]
      } else if (!finished.has(child)) {
        path.push({ hash: child, next: 0 })
        onPath.add(child)
      }
    }
  }
  return undefined
}
