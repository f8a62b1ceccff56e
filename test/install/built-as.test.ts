// What takes whose place in the binary of a spliced spec.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { splice } from '../../src/concretize/splice.ts'
import { builtAs } from '../../src/install/built-as.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { type External, emptySpec, type Spec } from '../../src/spec/spec.ts'
import { smallDag } from '../support/small-dag.ts'

const test = suite('built-as')

//   tool ─▶ app ─▶ mpich ─▶ hwloc ─▶ zlib@1.2         openmpi ─▶ hwloc@2 ─▶ zlib@1.3
//            └──────────────────────▶┘                cmake, with which app is built ─▶ zlib@1.2
const dag = () =>
  smallDag({
    'zlib@1.2': '',
    'zlib@1.3': '',
    'cmake@3.30': 'zlib@1.2:l',
    'hwloc@1': 'zlib@1.2:l',
    'hwloc@2': 'zlib@1.3:l',
    'mpich@4': 'hwloc@1:l',
    'openmpi@5': 'hwloc@2:l',
    'app@1': 'mpich@4:bl=mpi zlib@1.2:bl cmake@3.30:b',
    'tool@1': 'app@1:r',
  })

const facts = {
  isVirtual: (name: string) => name === 'mpi',
  provides: (name: string) =>
    name === 'openmpi' || name === 'mpich' ? [{ when: emptySpec(), virtuals: [parseSpec('mpi')] }] : [],
  providers: () => [],
}

const shown = (spec: Spec): string => `${spec.name}@${spec.versions[0]}`
const prefixOf = (spec: Spec): string =>
  spec.concrete!.external?.path ?? `/s/${spec.name}-${spec.concrete!.hash.slice(0, 4)}`

/** `old → new`, by name. */
function replacementsOf(spec: Spec, specs: Record<string, Spec>): string[] {
  const { replacements } = builtAs(spec, prefixOf)!
  const nameOf = (hash: string) => Object.keys(specs).find((key) => specs[key]!.concrete!.hash === hash)!
  const lines = Object.entries(replacements).map(([hash, prefix]) => `${nameOf(hash)} → ${prefix}`)
  return lines.sort()
}

test('what was not spliced was built as itself', () => {
  assert.is(builtAs(dag()['app@1']!, prefixOf), undefined)
})

test('by name, by virtuals, and itself; what both have stays', () => {
  const specs = dag()
  const spliced = splice(specs['app@1']!, specs['openmpi@5']!, { isTransitive: true, facts })
  assert.equal(replacementsOf(spliced, specs), [
    `app@1 → ${prefixOf(spliced)}`,
    `hwloc@1 → ${prefixOf(specs['hwloc@2']!)}`,
    `mpich@4 → ${prefixOf(specs['openmpi@5']!)}`,
    `zlib@1.2 → ${prefixOf(specs['zlib@1.3']!)}`,
  ])
  const { prefix, prefixes } = builtAs(spliced, prefixOf)!
  assert.is(prefix, prefixOf(specs['app@1']!))
  const packed = ['app@1', 'mpich@4', 'zlib@1.2', 'hwloc@1'].map((key) => prefixOf(specs[key]!))
  assert.equal(Object.values(prefixes).sort(), packed.sort())
})

test('intransitive: what is below stays, and what takes it is spliced itself', () => {
  const specs = dag()
  const spliced = splice(specs['app@1']!, specs['openmpi@5']!, { isTransitive: false, facts })
  const mpi = spliced.edges.find(({ child }) => child.name === 'openmpi')!.child
  // Of hwloc@1 nothing takes the place that is not there already.
  assert.equal(replacementsOf(spliced, specs), [`app@1 → ${prefixOf(spliced)}`, `mpich@4 → ${prefixOf(mpi)}`])
  assert.ok(replacementsOf(mpi, specs).includes(`openmpi@5 → ${prefixOf(mpi)}`))
})

test('what is above a spliced spec has that in the place of its build spec', () => {
  const specs = dag()
  const spliced = splice(specs['tool@1']!, specs['openmpi@5']!, { isTransitive: true, facts })
  const app = spliced.edges[0]!.child
  assert.ok(replacementsOf(spliced, specs).includes(`app@1 → ${prefixOf(app)}`))
})

test('an external takes a place with its own path; what was external cannot be found in an archive', () => {
  const external: External = { path: '/opt/site-mpi', modules: null, extraAttributes: {} }
  const now = dag()
  now['openmpi@5']!.concrete!.external = external
  const spliced = splice(now['app@1']!, now['openmpi@5']!, { isTransitive: true, facts })
  assert.ok(replacementsOf(spliced, now).includes('mpich@4 → /opt/site-mpi'))
  assert.equal(builtAs(spliced, prefixOf)!.kept, [])
  const before = dag()
  before['mpich@4']!.concrete!.external = external
  const other = splice(before['app@1']!, before['openmpi@5']!, { isTransitive: true, facts })
  assert.equal(builtAs(other, prefixOf)!.kept, [{ name: 'mpich', prefix: '/opt/site-mpi' }])
  assert.not(replacementsOf(other, before).some((line) => line.startsWith(shown(before['mpich@4']!))))
})

test.run()
