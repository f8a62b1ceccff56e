// Made-up specs and their prefixes, published as an installer does it.

import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodesBelow } from '../../src/environment/lockfile-roots.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import { type DagHash, flagKinds } from '../../src/spec/spec.ts'

/** Of a package without variants and flags. */
export const plainParameters = {
  build_system: 'generic',
  ...Object.fromEntries(flagKinds.map((kind) => [kind, []])),
}

/** A concrete node; its hash is made from its name and children, not by Spack's rules. */
export function specNode(
  name: string,
  children: readonly (readonly [child: SpecNode, ...deptypes: string[]])[] = [],
  more: Partial<SpecNode> = {},
): SpecNode {
  const dependencies = children.map(([child, ...deptypes]) => ({
    name: child.name,
    hash: child.hash!,
    parameters: { deptypes, virtuals: [] },
  }))
  const version = more.version ?? '1.0'
  const digest = createHash('sha256')
    .update(JSON.stringify([name, version, dependencies]))
    .digest()
  const hash = [...digest].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('')
  return {
    name,
    version,
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
    namespace: 'builtin',
    parameters: plainParameters,
    package_hash: `${'q'.repeat(52)}====`,
    ...more,
    ...(dependencies.length ? { dependencies } : {}),
    annotations: { original_specfile_version: 5 },
    hash,
  }
}

export const nodesByHash = (nodes: Iterable<SpecNode>): Map<DagHash, SpecNode> =>
  new Map([...nodes].map((node) => [node.hash as DagHash, node]))

/** The text of the spec file of `node`; `all` holds, among others, what it depends on. */
export function specFileText(node: SpecNode, all: readonly SpecNode[]): string {
  const nodes = nodesBelow(nodesByHash([node, ...all]), node.hash as DagHash)
  return JSON.stringify({ spec: { _meta: { version: 5 }, nodes } })
}

/** Makes the prefix beside its place, with a spec file and some `files`, and renames it into place. */
export function publish(
  prefix: string,
  node: SpecNode,
  all: readonly SpecNode[],
  files: Readonly<Record<string, string>> = { 'bin/run': '#!/bin/sh\n' },
): void {
  mkdirSync(dirname(prefix), { recursive: true })
  const stage = mkdtempSync(join(dirname(prefix), '.stage-'))
  chmodSync(stage, 0o755)
  mkdirSync(join(stage, '.spack'))
  for (const [name, text] of Object.entries({ ...files, '.spack/spec.json': specFileText(node, all) })) {
    mkdirSync(dirname(join(stage, name)), { recursive: true })
    writeFileSync(join(stage, name), text)
  }
  rmSync(prefix, { recursive: true, force: true })
  renameSync(stage, prefix)
}

/** 64 specs that share some of eight libraries. */
export function manySpecs(): { apps: SpecNode[]; all: SpecNode[] } {
  const libraries = Array.from({ length: 8 }, (_, i) => specNode(`lib${i}`))
  const apps = Array.from({ length: 64 }, (_, i) => {
    const used = libraries.filter((_library, bit) => (i >> (bit % 6)) & 1)
    return specNode(
      `app${i}`,
      used.map((library) => [library, 'link'] as const),
    )
  })
  return { apps, all: [...apps, ...libraries] }
}
