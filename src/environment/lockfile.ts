// spack.lock: the concrete specs of an environment. One JSON object:
//
//   _meta             {file-type: "spack-lockfile", lockfile-version, specfile-version}
//   spack             {version, type, commit?}: what wrote it
//   roots             [{hash, spec}]: hash of a concrete root and the text of the abstract spec that asked for it
//   concrete_specs    {hash: node}: see src/spec/node.ts
//   include_concrete  {folder: {roots, concrete_specs, include_concrete?}}: taken over from other environments (since 5)
//
// Versions 1 to 6 are read (`lockfile-legacy.ts` has what differs before 6), and 6 is written as Spack 1.x does: one line,
// no spaces, no final newline, ASCII only. The layouts are described in Spack's manual, "spack.lock format".
// A lockfile may come from anywhere, and its names and hashes end up in paths and Makefiles: everything is checked here.

import { isRecord, makeObject, objectEntries, parseJson, printJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { findJsonFault } from '../ui/json-fault.ts'
import { spackVersion } from '../version.ts'
import { checkGraph, checkNode, isHash, type LockfileSource, lockfileFault, restoreHint } from './lockfile-checks.ts'
import { keyByDagHash, modernNode } from './lockfile-legacy.ts'

const lockfileVersion = 6
/** Format of its nodes. */
const specfileVersion = 5

export interface LockfileRoot {
  hash: DagHash
  /** The abstract spec, as parsed and printed when it was concretized. */
  spec: string
}

/** Roots and the nodes that they need, and the same of environments that were included as they were. */
export interface LockedSpecs {
  roots: readonly LockfileRoot[]
  /** In the order of the file. Nodes are in format 5, whatever the file had. */
  nodes: ReadonlyMap<DagHash, SpecNode>
  /** By folder of the included environment. Nodes that several of them have are kept with the first only. */
  includeConcrete: ReadonlyMap<string, LockedSpecs>
}

export interface Lockfile extends LockedSpecs {
  /** Version of the format that the file had. */
  version: number
  /** What wrote the file, when it says. */
  spack: Readonly<Record<string, unknown>> | null
}

/**
 * Reads the text of a lockfile of any version. `file` is for messages. Throws SpackError `lockfile-syntax` (not JSON, cut
 * off, a key twice), `lockfile-version` (written by a later Spack) or `lockfile-invalid` (everything else that makes it
 * unusable: wrong types, a hash without a node, a cycle).
 */
export function readLockfile(text: string, file: string): Lockfile {
  const source = { text, file }
  const document = parseDocument(source)
  const version = readVersion(document, source)
  const specs = readLockedSpecs(document, version, source, 'the lockfile')
  checkNoDuplicates(specs, source)
  checkGraph(specs.nodes, specs.roots, source)
  if (specs.includeConcrete.size > 0) {
    const included = [...specs.includeConcrete.values()]
    checkGraph(mergeNodes(included), included.flatMap(mergeRoots), source)
  }
  return { version, spack: isRecord(document.spack) ? document.spack : null, ...specs }
}

/** All roots: the environment's own, then those of included environments. One root may be there several times. */
export const allRoots = (lockfile: LockedSpecs): LockfileRoot[] => mergeRoots(lockfile)

/** All nodes: the environment's own, then what only included environments have. */
export const allNodes = (lockfile: LockedSpecs): ReadonlyMap<DagHash, SpecNode> =>
  lockfile.includeConcrete.size === 0 ? lockfile.nodes : mergeNodes([lockfile])

/** The text of a lockfile of version 6. Nodes are written in the order of their maps. */
export function writeLockfile(lockfile: LockedSpecs & { spack?: Readonly<Record<string, unknown>> | null }): string {
  const document = {
    _meta: { 'file-type': 'spack-lockfile', 'lockfile-version': lockfileVersion, 'specfile-version': specfileVersion },
    spack: lockfile.spack ?? { version: spackVersion, type: 'release' },
    ...lockedSpecsDocument(lockfile),
  }
  return printJson(document)
}

function lockedSpecsDocument(specs: LockedSpecs): Record<string, unknown> {
  const included = [...specs.includeConcrete].map(([folder, inner]) => [folder, lockedSpecsDocument(inner)] as const)
  return {
    roots: specs.roots.map(({ hash, spec }) => ({ hash, spec })),
    concrete_specs: makeObject([...specs.nodes]),
    ...(included.length ? { include_concrete: makeObject(included) } : {}),
  }
}

function parseDocument(source: LockfileSource): Record<string, unknown> {
  let document: unknown
  try {
    document = parseJson(source.text)
  } catch (cause) {
    throw cause instanceof SpackError ? lockfileFault(source, cause.message) : syntaxError(source, cause)
  }
  if (!isRecord(document)) throw lockfileFault(source, 'a lockfile is a JSON object')
  return document
}

function syntaxError(source: LockfileSource, cause?: unknown): SpackError {
  const fault = findJsonFault(source.text)
  if (!fault) throw new Error(`no fault found in ${source.file}`, { cause })
  const what = fault.kind === 'truncated' ? 'the lockfile is cut off' : 'the lockfile is not JSON'
  return new SpackError(
    'lockfile-syntax',
    fault.kind === 'duplicate-key' ? fault.message : `${what}: ${fault.message}`,
    {
      where: `${source.file}:${fault.line}:${fault.column}`,
      hint: restoreHint,
      cause,
    },
  )
}

function readVersion(document: Record<string, unknown>, source: LockfileSource): number {
  const meta = document._meta
  if (!isRecord(meta)) throw lockfileFault(source, 'there is no `_meta`: this is not a lockfile')
  const type = meta['file-type']
  if (type !== undefined && type !== 'spack-lockfile') {
    throw lockfileFault(source, `this is a file of type ${JSON.stringify(type)}, not a lockfile`, '"file-type"')
  }
  const version = meta['lockfile-version']
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw lockfileFault(source, '`_meta:lockfile-version` has to be a positive whole number', '"lockfile-version"')
  }
  if (version > lockfileVersion) {
    throw new SpackError(
      'lockfile-version',
      `the lockfile has format ${version}, and formats up to ${lockfileVersion} are known`,
      {
        where: source.file,
        hint: 'it was written by a later Spack: use that, or concretize again with `spack concretize --force`',
      },
    )
  }
  return version
}

const deepestInclude = 32

function readLockedSpecs(
  document: Record<string, unknown>,
  version: number,
  source: LockfileSource,
  what: string,
  depth = 0,
): LockedSpecs {
  if (depth > deepestInclude) throw lockfileFault(source, `included environments are nested more than ${depth} deep`)
  const roots = readRoots(document.roots, source, what)
  // An included environment whose specs all came with another one may have no member for them.
  const nodes = readNodeTable(document.concrete_specs ?? (depth ? {} : undefined), version, source, what)
  const includeConcrete = readIncluded(document.include_concrete, version, source, depth)
  return { ...(version <= 3 ? keyByDagHash(roots, nodes) : { roots, nodes }), includeConcrete }
}

function readIncluded(
  value: unknown,
  version: number,
  source: LockfileSource,
  depth: number,
): Map<string, LockedSpecs> {
  const included = new Map<string, LockedSpecs>()
  if (value === undefined) return included
  if (!isRecord(value)) throw lockfileFault(source, '`include_concrete` has to be an object', '"include_concrete"')
  for (const [folder, inner] of objectEntries(value)) {
    if (!isRecord(inner)) throw lockfileFault(source, `\`include_concrete:${folder}\` has to be an object`)
    included.set(folder, readLockedSpecs(inner, version, source, `\`${folder}\` in the lockfile`, depth + 1))
  }
  return included
}

function readRoots(value: unknown, source: LockfileSource, what: string): LockfileRoot[] {
  if (!Array.isArray(value)) throw lockfileFault(source, `${what} has no list \`roots\``, '"roots"')
  for (const root of value) {
    if (!isRecord(root) || typeof root.hash !== 'string' || typeof root.spec !== 'string') {
      throw lockfileFault(source, `${what} has a root without the texts \`hash\` and \`spec\``, '"roots"')
    }
  }
  return value as LockfileRoot[]
}

function readNodeTable(value: unknown, version: number, source: LockfileSource, what: string): Map<DagHash, SpecNode> {
  if (!isRecord(value)) throw lockfileFault(source, `${what} has no object \`concrete_specs\``, '"concrete_specs"')
  const nodes = new Map<DagHash, SpecNode>()
  for (const [key, raw] of Object.entries(value)) {
    const node = version < lockfileVersion ? modernNode(raw, key, version, source) : raw
    checkNode(node, key, version, source)
    nodes.set(key as DagHash, node.hash === undefined ? { ...node, hash: key } : node)
  }
  return nodes
}

/**
 * JSON.parse keeps the last of two equal keys, and a text tool may have joined two lockfiles. Each node has its key in the
 * text once; only when there are more than were read is the text looked through for the place.
 */
function checkNoDuplicates(specs: LockedSpecs, source: LockfileSource): void {
  if (countNodeKeys(source.text) > countNodes(specs) && findJsonFault(source.text)) throw syntaxError(source)
}

/** How often an object follows a key as long as a hash. Five times faster than a regular expression over the text. */
function countNodeKeys(text: string): number {
  let count = 0
  for (let brace = text.indexOf('{', 1); brace >= 0; brace = text.indexOf('{', brace + 1)) {
    const quote = skipBlanksBack(text, skipBlanksBack(text, brace - 1) - 1)
    if (text[quote] === '"' && text[quote - 33] === '"' && isHash(text.slice(quote - 32, quote))) count++
  }
  return count
}

function skipBlanksBack(text: string, at: number): number {
  while (at > 0 && text.charCodeAt(at) <= 32) at--
  return at
}

const countNodes = (specs: LockedSpecs): number =>
  [...specs.includeConcrete.values()].reduce((sum, inner) => sum + countNodes(inner), specs.nodes.size)

const mergeRoots = (specs: LockedSpecs): LockfileRoot[] => [
  ...specs.roots,
  ...[...specs.includeConcrete.values()].flatMap(mergeRoots),
]

function mergeNodes(all: Iterable<LockedSpecs>, merged: Map<DagHash, SpecNode> = new Map()): Map<DagHash, SpecNode> {
  for (const specs of all) {
    for (const [hash, node] of specs.nodes) if (!merged.has(hash)) merged.set(hash, node)
    mergeNodes(specs.includeConcrete.values(), merged)
  }
  return merged
}
