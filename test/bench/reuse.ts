// What it costs to choose among thousands of concrete specs of a build cache, against concretizing without them.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { computeHash } from '../../src/spec/hash.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import { readNodes, writeNode } from '../../src/spec/node.ts'
import type { DagHash, Spec } from '../../src/spec/spec.ts'
import { traverseNodes } from '../../src/spec/traverse.ts'
import { runSpack, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kit } from '../support/shared.ts'
import { readGoldens, worldWith } from './cold-concretizer.ts'
import { measureInTurn } from './measure.ts'

const wantedSpecs = 5000
const requests = ['zlib', 'python', 'hdf5', 'petsc', 'py-scipy']
const runs = 5
/** Nodes are had again for each of these, which all run on what the goldens are for. */
const targets = [
  'x86_64_v3',
  'x86_64_v2',
  'x86_64',
  'nehalem',
  'westmere',
  'sandybridge',
  'ivybridge',
  'haswell',
  'core2',
]

/** Ratios of the processor's time, each of processes of its own. */
export function chooseAmongMany(): string[] {
  const repository = process.env.SPACKMAKE_BUILTIN_REPO
  if (!repository) return ['reuse: not measured, since SPACKMAKE_BUILTIN_REPO names no repository']
  const env = worldWith(repository)
  const config = ['-C', kit('concretize', 'config')]
  const goldens = readGoldens().flatMap(({ input }) => {
    const { code, stdout, stderr } = runSpack([...config, 'spec', '--fresh', '--json', input], {
      env,
      timeoutMs: 600_000,
    })
    if (code !== 0) throw new Error(`spack spec ${input}: ${stderr}`)
    return (JSON.parse(stdout) as { spec: { nodes: SpecNode[] } }).spec.nodes
  })
  const specs = manySpecs(goldens)
  const cache = writeCache(specs)
  const reusing = ['-C', kit('concretize', 'config'), '-C', cache, 'spec', '--reuse']
  const lines = requests.map((request) => {
    const command = (words: readonly string[]) => [process.execPath, spackProgram, ...words, request]
    const both = [
      { command: command([...config, 'spec', '--fresh']), env },
      { command: command(reusing), env },
    ]
    const [fresh, reused] = measureInTurn(both, runs)
    const times = (reused!.medianS / fresh!.medianS).toFixed(2)
    return `  ${request}: ${(reused!.medianS * 1000).toFixed(0)} ms, ${times}× fresh (budget 2×); ${reused!.peakMiB.toFixed(0)} MiB`
  })
  return [`concretize with ${specs.length} reusable specs of a build cache:`, ...lines]
}

/** All nodes for each of the targets, as far as wanted; what is no part of the cache stays as it is. */
function manySpecs(nodes: readonly SpecNode[]): Spec[] {
  const distinct = new Map(nodes.map((node) => [node.hash!, node]))
  const originals = readNodes(distinct.values())
  const found = new Map<DagHash, Spec>()
  for (const target of targets) {
    const copies = new Map<Spec, Spec>()
    for (const spec of traverseNodes([...originals.values()], { order: 'post' })) {
      const copy = spec.concrete!.external ? spec : withTarget(spec, target, copies)
      copies.set(spec, copy)
      found.set(copy.concrete!.hash, copy)
    }
    if (found.size >= wantedSpecs) break
  }
  return [...found.values()]
}

function withTarget(spec: Spec, target: string, copies: ReadonlyMap<Spec, Spec>): Spec {
  const copy: Spec = {
    ...spec,
    arch: { ...spec.arch!, target },
    edges: spec.edges.map((edge) => ({ ...edge, child: copies.get(edge.child)! })),
    concrete: { ...spec.concrete! },
  }
  copy.concrete!.hash = computeHash(writeNode(copy))
  return copy
}

/** A build cache that has an index and no packages, and a configuration that names it; returns that. */
function writeCache(specs: readonly Spec[]): string {
  const root = join(scratch(), 'cache')
  const installs = Object.fromEntries(
    specs.map((spec) => {
      const isCached = !spec.concrete!.external
      const record = {
        spec: writeNode(spec),
        ref_count: 0,
        in_buildcache: isCached,
        explicit: false,
        installation_time: 1,
      }
      return [spec.concrete!.hash, record]
    }),
  )
  const index = JSON.stringify({ database: { version: '8', installs } })
  const checksum = createHash('sha256').update(index).digest('hex')
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const blob = { contentLength: index.length, mediaType: 'application/vnd.spack.db.v8+json', compression: 'none' }
  const manifest = { version: 3, data: [{ ...blob, checksumAlgorithm: 'sha256', checksum }] }
  write(`blobs/sha256/${checksum.slice(0, 2)}/${checksum}`, index)
  write('v3/layout.json', '{"signing": "gpg"}')
  write('v3/manifests/index/index.manifest.json', JSON.stringify(manifest))
  write('config/mirrors.yaml', `mirrors:\n  many:\n    url: file://${root}\n    signed: false\n`)
  return join(root, 'config')
}
