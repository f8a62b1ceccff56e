// A concrete spec as a set of facts, one for each thing that is so of each of its nodes: what `spack diff` compares. Names
// and order of the parts are those of Spack's output, which scripts read.

import { printFlagFact } from './flags.ts'
import { type Deptype, deptypeBits, type Spec } from './spec.ts'
import { allDeptypes, sortedEdges } from './traverse-edges.ts'
import { exactVersion, printVersionList } from './version-list.ts'

/** `variant_value` and `zlib`, `pic`, `True`. */
export type SpecFact = readonly [name: string, ...parts: string[]]

export interface FactOptions {
  /** Packages and virtuals of which neither nodes nor edges count. */
  ignore?: ReadonlySet<string>
}

/** The facts of a spec and all that it depends on, each once, sorted. */
export function specFacts(root: Spec, { ignore = new Set() }: FactOptions = {}): SpecFact[] {
  const facts = new Map<string, SpecFact>()
  const add = (...fact: SpecFact) => facts.set(fact.join('\0'), fact)
  const visited = new Set<Spec>()
  const waiting = [root]
  for (let spec = waiting.pop(); spec; spec = waiting.pop()) {
    if (visited.has(spec)) continue
    visited.add(spec)
    addNode(spec, add)
    for (const edge of sortedEdges(spec, allDeptypes)) {
      const { child, virtuals } = edge
      if (ignore.has(child.name ?? '') || virtuals.some((virtual) => ignore.has(virtual))) continue
      // As in Spack, runtimes are dependencies of the root; of all others it only counts with which they go.
      if (addRuntime(spec.name ?? '', edge, add) && spec !== root) continue
      waiting.push(child)
      addEdge(spec.name ?? '', edge, add)
    }
  }
  return [...facts.values()].sort(compareFacts)
}

type Add = (...fact: SpecFact) => void

function addNode(spec: Spec, add: Add): void {
  const name = spec.name ?? ''
  const { arch, concrete } = spec
  add('node', name)
  if (spec.namespace) add('namespace', name, spec.namespace)
  add('version', name, exactVersion(spec.versions)?.text ?? printVersionList(spec.versions))
  if (arch?.platform) add('node_platform', name, arch.platform)
  if (arch?.os) add('node_os', name, arch.os)
  if (arch?.target) add('node_target', name, arch.target)
  for (const [variant, { values }] of spec.variants) {
    for (const value of values) add('variant_value', name, variant, factValue(value))
  }
  for (const [kind, flags] of spec.flags) {
    const group = flags.map(({ flag }) => flag).join(' ')
    for (const { flag } of flags) add('node_flag', name, printFlagFact(kind, flag, group))
  }
  if (!concrete) return
  if (concrete.packageHash) add('package_hash', name, concrete.packageHash)
  add('hash', name, concrete.hash)
  if (!concrete.external) return
  add('external', name)
  add('needs_libc', name)
}

/** As Python prints it. */
const factValue = (value: string | boolean): string => (value === true ? 'True' : value === false ? 'False' : value)

/** Whether an edge leads to the runtime of GCC or to the C library. */
function addRuntime(parent: string, { child, virtuals }: Spec['edges'][number], add: Add): boolean {
  const isRuntime = child.name === 'gcc-runtime'
  if (isRuntime) add('compatible_runtime', parent, 'gcc-runtime', `${exactVersion(child.versions)?.text ?? ''}:`)
  if (virtuals.includes('libc')) add('needs_libc', parent)
  return isRuntime || virtuals.includes('libc')
}

function addEdge(parent: string, { child, deptypes, virtuals }: Spec['edges'][number], add: Add): void {
  const name = child.name ?? ''
  for (const type of Object.keys(deptypeBits) as Deptype[]) {
    if (deptypes & deptypeBits[type]) add('depends_on', parent, name, type)
  }
  for (const virtual of virtuals) {
    add('virtual_on_edge', parent, name, virtual)
    add('virtual_node', virtual)
    add('virtual_on_incoming_edges', name, virtual)
  }
  if (child.concrete) add('hash', name, child.concrete.hash)
}

function compareFacts(a: SpecFact, b: SpecFact): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  return a.length - b.length
}
