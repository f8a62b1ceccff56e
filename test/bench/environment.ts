// Whole environments: a hundred roots by each way to solve them apart, and ten thousand roots.

import { withReusable } from '../../src/concretize/more-reusable.ts'
import { concretizeEnvironment, type Unify } from '../../src/environment/concretize.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { openKit } from './concretizer.ts'
import { hundredRoots } from './environment-roots.ts'

const common = ['zlib', 'bzip2', 'hdf5', 'lz4', 'xz', 'zstd', 'cmake', 'perl', 'openssl', 'curl']
const tenThousandRoots = (): string[] =>
  Array.from({ length: 10_000 }, (_, at) => `${common[at % common.length]}@0.0.${at % 500}:`)

/** In one process; `spack concretize -j` takes several for `unify: false`. */
export async function solveEnvironments(): Promise<string[]> {
  return [
    await measured('100 roots, unify: when_possible', hundredRoots(), 'when_possible', 'budget 60 s'),
    await measured('100 roots, unify: false, one process', hundredRoots(), false, 'budget 60 s'),
    await measured('10,000 roots of ten packages, unify: true', tenThousandRoots(), true, 'bounded'),
  ]
}

async function measured(name: string, roots: readonly string[], unify: Unify, budget: string): Promise<string> {
  const { world, facts } = await openKit()
  const userSpecs = roots.map((text) => ({ spec: parseSpec(text), constraints: [], where: 'spack.yaml' }))
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()]
  const { lockfile } = await concretizeEnvironment(
    { userSpecs, locked: undefined, included: new Map(), unify, tests: false },
    { facts, forRequests: (specs) => withReusable(world, specs) },
  )
  const wallS = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(startCpu)
  const peakMb = process.resourceUsage().maxRSS / 1024
  return `${name}: ${wallS.toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(1)} s, ${lockfile.nodes.size} nodes, peak so far ${peakMb.toFixed(0)} MiB (${budget})`
}
