// Hashes among the words of a command line: what they stand for is looked up in the active environment, then among what is
// installed, then in the build caches.

import { existsSync } from 'node:fs'
import { SpecMaker } from '../concretize/spec-pile.ts'
import { lockfileSpecs } from '../environment/locked-specs.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import { copySpec, type DagHash, type Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { SpackError } from '../ui/error.ts'
import { activeEnvironment } from './configured.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'

export interface SpecsByHash {
  /** The specs, those that are a hash replaced by what they stand for; hashes of dependencies are whole ones. */
  requests: Spec[]
  /** What hashes of dependencies stand for. */
  known: Spec[]
}

/** Looks up all hashes. Throws SpackError `no-match` and `ambiguous`. */
export async function specsByHash(invocation: Invocation, specs: readonly Spec[]): Promise<SpecsByHash> {
  const known: Spec[] = []
  const requests: Spec[] = []
  for (const spec of specs) {
    if (spec.concrete) requests.push(spec)
    else if (spec.abstractHash) requests.push(await lookUp(invocation, spec))
    else requests.push(await withWholeHashes(invocation, spec, known))
  }
  return { requests, known }
}

async function withWholeHashes(invocation: Invocation, spec: Spec, known: Spec[]): Promise<Spec> {
  if (!traverseNodes([spec]).some(({ abstractHash, concrete }) => abstractHash && !concrete)) return spec
  const copy = copySpec(spec)
  for (const edge of copy.edges) {
    if (edge.child.abstractHash) {
      const found = await lookUp(invocation, edge.child)
      known.push(found)
      edge.child = { ...copySpec(edge.child), name: found.name, abstractHash: found.concrete!.hash }
    } else edge.child = await withWholeHashes(invocation, edge.child, known)
  }
  return copy
}

/** The one spec that an abstract spec with a hash stands for. */
async function lookUp(invocation: Invocation, asked: Spec): Promise<Spec> {
  for (const places of [lockedSpecs, installedSpecs, cachedSpecs]) {
    const found = distinct(await places(invocation, asked))
    if (found.length === 1) return found[0]!
    if (found.length > 1) throw ambiguous(asked, found)
  }
  throw new SpackError(
    'no-match',
    `\`${printSpec(asked)}\` is not in the active environment, not installed, and in no build cache`,
    { hint: 'see `spack find -l` and `spack buildcache list -l`' },
  )
}

const isMeant = (spec: Spec, asked: Spec): boolean =>
  spec.concrete!.hash.startsWith(asked.abstractHash!) && satisfies(spec, asked)

async function lockedSpecs(invocation: Invocation, asked: Spec): Promise<Spec[]> {
  const environment = await activeEnvironment(invocation)
  if (!environment || !existsSync(environment.lockFile)) return []
  return [...lockfileSpecs(readLocked(environment)).values()].filter((spec) => isMeant(spec, asked))
}

async function installedSpecs(invocation: Invocation, asked: Spec): Promise<Spec[]> {
  const { installed } = await openInstalled(invocation, [asked])
  return installed.find({ spec: asked, statuses: ['installed', 'missing', 'deprecated'] }).map(({ spec }) => spec)
}

async function cachedSpecs(invocation: Invocation, asked: Spec): Promise<Spec[]> {
  const { cachesPile } = await import('./cached-specs.ts')
  const pile = await cachesPile(invocation)
  const maker = new SpecMaker()
  const hashes: DagHash[] = pile.hashes().filter((hash) => hash.startsWith(asked.abstractHash!))
  return hashes.flatMap((hash) => maker.spec(pile, hash) ?? []).filter((spec) => satisfies(spec, asked))
}

const distinct = (specs: readonly Spec[]): Spec[] => [
  ...new Map(specs.map((spec) => [spec.concrete!.hash, spec])).values(),
]

function ambiguous(asked: Spec, specs: readonly Spec[]): SpackError {
  const shown = specs.map((spec) => `    ${spec.concrete!.hash} ${spec.name}@${spec.versions[0]!.text}`)
  return new SpackError('ambiguous', `\`${printSpec(asked)}\` matches ${specs.length} specs:`, {
    detail: shown.join('\n'),
    hint: 'write more letters of the hash',
  })
}
