// Splices, with the hashes that Spack gives for the same DAGs once it computes them anew from the finished nodes.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { concretizeTogether } from '../../src/concretize/concretize.ts'
import { concretizeInRounds } from '../../src/concretize/rounds.ts'
import { readSplices } from '../../src/concretize/settings.ts'
import { splice } from '../../src/concretize/splice.ts'
import { type ExplicitSplice, reusableSpecs, type World } from '../../src/concretize/world.ts'
import { loadConfiguration } from '../../src/config/configuration.ts'
import type { PackageFacts } from '../../src/spec/facts.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { emptySpec, type Spec } from '../../src/spec/spec.ts'
import { parseSpecJson, printSpecJson } from '../../src/spec/spec-file.ts'
import { traverseNodes } from '../../src/spec/traverse.ts'
import { SpackError } from '../../src/ui/error.ts'
import { isolated } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { smallDag } from '../support/small-dag.ts'
import { gcc, gccs, type SmallRecipes, smallWorld } from '../support/small-world.ts'

// netcdf-c@4.9 ─▶ hdf5@1.14 ─▶ openmpi@5.0 ─▶ hwloc@2.11 ─▶ libxml2@2.10 ─▶ zlib-ng    and there is, with zlib instead,
//       └─────────────────────────▶┘                                              openmpi@4.1 or mpich ─▶ hwloc@2.9 ─▶ …
const specs = smallDag({
  'pkgconf@2.2': '',
  'zlib-ng@2.2': '',
  'zlib@1.2': '',
  'zlib@1.3': '',
  'cmake@3.30': 'zlib-ng@2.2:l=zlib-api',
  'libxml2@2.10': 'zlib-ng@2.2:l=zlib-api pkgconf@2.2:b',
  'libxml2@2.13': 'zlib@1.3:l=zlib-api pkgconf@2.2:b',
  'hwloc@2.11': 'libxml2@2.10:bl pkgconf@2.2:b',
  'hwloc@2.9': 'libxml2@2.13:bl pkgconf@2.2:b',
  'openmpi@5.0': 'hwloc@2.11:bl zlib-ng@2.2:bl=zlib-api pkgconf@2.2:b',
  'openmpi@4.1': 'hwloc@2.9:bl zlib@1.3:bl=zlib-api pkgconf@2.2:b',
  'mpich@4.2': 'hwloc@2.9:bl zlib@1.3:l=zlib-api cmake@3.30:b',
  'hdf5@1.14': 'openmpi@5.0:bl=mpi zlib-ng@2.2:bl=zlib-api cmake@3.30:b',
  'netcdf-c@4.9': 'hdf5@1.14:bl openmpi@5.0:bl=mpi cmake@3.30:b libxml2@2.10:t pkgconf@2.2:r',
  'hdf5@1.12': 'openmpi@5.0:l=mpi zlib-ng@2.2:l=zlib-api',
  'cmake@3.27': 'zlib@1.3:l=zlib-api',
  'gmake@4.4': 'cmake@3.30:b',
  'mpich@4.3': 'zlib@1.3:l=zlib-api cmake@3.27:b',
  'netcdf-c@4.8': 'mpich@4.2:bl=mpi gmake@4.4:l zlib-ng@2.2:l=zlib-api zlib@1.2:t',
  'netcdf-c@4.7': 'gmake@4.4:l zlib-ng@2.2:l=zlib-api',
})

const provided: Readonly<Record<string, string>> = { openmpi: 'mpi', mpich: 'mpi', zlib: 'zlib-api' }
const facts: PackageFacts = {
  isVirtual: (name) => Object.values(provided).includes(name),
  provides: (name) => (provided[name] ? [{ when: emptySpec(), virtuals: [parseSpec(provided[name])] }] : []),
  providers: () => [],
}

type Step = readonly [replacement: string, isTransitive: boolean]

const spliced = (root: string, ...steps: readonly Step[]): Spec =>
  steps.reduce((spec, [name, isTransitive]) => splice(spec, specs[name]!, { isTransitive, facts }), specs[root]!)

const hashOf = (root: Spec, name: string): string =>
  traverseNodes([root]).find((node) => node.name === name)!.concrete!.hash

const rows: readonly (readonly [root: string, steps: readonly Step[], hashes: Readonly<Record<string, string>>])[] = [
  ['netcdf-c@4.9', [['openmpi@4.1', true]], { 'netcdf-c': 'sdacpmo754o3fugpgws2rykdca6zhy5g' }],
  [
    'netcdf-c@4.9',
    [['openmpi@4.1', false]],
    { 'netcdf-c': 'jlhc7zgmk6ye7th5ejhpyiuh5a6zhy5g', openmpi: 'skanntsrswtzpdjvvprzs7o5a34zziwo' },
  ],
  // Another name, which provides the same virtual.
  ['netcdf-c@4.9', [['mpich@4.2', true]], { 'netcdf-c': '3uxfzighikn5od6ggz7v67qx5a6zhy5g' }],
  [
    'netcdf-c@4.9',
    [['mpich@4.2', false]],
    { 'netcdf-c': 'rwbpw6etnn7i5qkvcu43ujhr4a6zhy5g', mpich: '2cis7krg27sfgy4ezx25jfvj3s5bca75' },
  ],
  [
    'netcdf-c@4.9',
    [['zlib@1.3', true]],
    { 'netcdf-c': 'rqo27hjfh5ctulf7cra4w65pka6zhy5g', openmpi: 'd5b4g2yogtxgx3z2kqwwa2r5uazp5i6p' },
  ],
  ['hdf5@1.12', [['mpich@4.2', true]], { hdf5: '4bi5wlwxzgug4zkpb6u6wtnw2p2qdzma' }],
  ['hdf5@1.12', [['hwloc@2.9', true]], { hdf5: 'c4wemsmdravkjknjnhbreedgzp2qdzma' }],
  ['hdf5@1.12', [['hwloc@2.9', false]], { hdf5: 'var6qs3qfjh5njbi6kp5t2j5ep2qdzma' }],
  // By what is there already: nothing changes, or what is above it counts as spliced.
  ['hdf5@1.12', [['zlib-ng@2.2', true]], { hdf5: 'cytpc5rqgqilsahqs3hfhyzfcp2qdzma' }],
  ['hdf5@1.12', [['zlib-ng@2.2', false]], { hdf5: 'dl4mihwehfwvwbd5rk5jhc6xsp2qdzma' }],
  // What was spliced before keeps the build spec that it has.
  [
    'netcdf-c@4.9',
    [
      ['mpich@4.2', true],
      ['zlib@1.2', false],
    ],
    { 'netcdf-c': 'z4jvnabjlvl6bupba2bf5onyya6zhy5g', mpich: '4sikb2prsl5kootbr5js3bozfs5bca75' },
  ],
  [
    'netcdf-c@4.9',
    [
      ['zlib@1.3', true],
      ['mpich@4.2', false],
    ],
    { 'netcdf-c': '5hbvqkfulopy5aboqlunffeusa6zhy5g', mpich: 'ffsmz2ire2rpb3wd7b4pzfvczs5bca75' },
  ],
  // What the replacement was built with, and what others were built with.
  ['netcdf-c@4.8', [['mpich@4.3', true]], { 'netcdf-c': 'splea644muel2xolmfkfn3kav2hl67zv' }],
  ['netcdf-c@4.8', [['mpich@4.3', false]], { 'netcdf-c': 'x6sc4573iegi5box3ehlwh6ew2hl67zv' }],
  ['netcdf-c@4.8', [['zlib@1.3', true]], { gmake: 'f3fev4tqogtzqkneetuhmzkc7ibbzo3z' }],
  ['netcdf-c@4.7', [['zlib@1.3', false]], { 'netcdf-c': 'kdalmppguqbwasvkthra2dq4vyog6c35' }],
  // The root itself.
  ['openmpi@5.0', [['mpich@4.2', true]], { mpich: 'baiea2yvps4fmbahzczsuuxnas5bca75' }],
]

for (const [root, steps, hashes] of rows) {
  const text = steps.map(([name, isTransitive]) => `${name} ${isTransitive ? 'transitively' : 'alone'}`)
  test(`${root} with ${text.join(', then ')}`, () => {
    const made = spliced(root, ...steps)
    for (const [name, hash] of Object.entries(hashes)) assert.is(hashOf(made, name), hash, name)
  })
}

test('a spliced spec keeps the end of the hash as which it was built, and loses what it was built with', () => {
  const made = spliced('netcdf-c@4.9', ['mpich@4.2', true])
  const { hash, buildSpec } = made.concrete!
  assert.is(buildSpec, specs['netcdf-c@4.9'])
  assert.is(hash.slice(-7), buildSpec!.concrete!.hash.slice(-7))
  assert.equal(
    made.edges.map(({ child }) => child.name),
    ['hdf5', 'libxml2', 'mpich', 'pkgconf'],
  )
})

test('the spec file of a spliced spec has what its nodes were built as', () => {
  const made = spliced('netcdf-c@4.9', ['mpich@4.2', true], ['zlib@1.2', false])
  assert.is(printSpecJson(parseSpecJson(printSpecJson(made))), printSpecJson(made))
})

test('what is only built with, or not there at all, is not replaced', () => {
  assert.throws(() => spliced('netcdf-c@4.9', ['cmake@3.27', true]), /`cmake\/\w{7}` can be spliced for nothing/)
  assert.throws(() => spliced('openmpi@5.0', ['hdf5@1.12', false]), /`hdf5\/\w{7}` can be spliced for nothing/)
})

// --- the setting --------------------------------------------------------------------------------------------------------

async function entries(yaml: string) {
  const dir = scratch()
  const folder = join(dir, 'scope')
  mkdirSync(folder)
  writeFileSync(join(folder, 'concretizer.yaml'), `concretizer:\n  splice:\n    explicit:\n${yaml}`)
  const configuration = await loadConfiguration({
    environ: isolated(dir),
    cwd: dir,
    commandScopes: [{ name: 'small', level: 'custom', kind: 'folder', path: folder, isWritable: false }],
  })
  return readSplices(configuration)
}

test('a replacement is named by its hash', async () => {
  const [first, second] = await entries(
    '    - {target: mpi, replacement: mpich/abcdefg, transitive: true}\n    - {target: zlib@1.3, replacement: /abc}\n',
  )
  assert.equal(
    [first!.replacement.name, first!.replacement.abstractHash, first!.isTransitive],
    ['mpich', 'abcdefg', true],
  )
  assert.equal([second!.replacement.name, second!.isTransitive], [null, false])
  const error = await rejection(entries('    - target: mpi\n      replacement: mpich@4\n'))
  assert.match(error.message, '`mpich@4` has no hash')
  assert.match(error.where ?? '', /concretizer\.yaml:5$/)
})

// app ─▶ lib, and another lib that was made before
const recipes: SmallRecipes = {
  gcc,
  app: { depends: [['lib'], ['c', '', ['build']]] },
  tool: { depends: [['lib', '', ['build']]] },
  lib: { versions: ['2.0', '1.0'] },
}

const origin = { text: 'replacement: lib/…', where: 'concretizer.yaml:5' }
const asks = (text: string) => ({ spec: parseSpec(text), origin: { text, where: null } })

async function spliceWorld(target: string, replacement?: () => Spec) {
  const { world, facts: own } = await smallWorld(recipes, gccs('13.1'))
  const [old] = concretizeTogether(world, own, [asks('lib@1.0')]).roots
  const splices: ExplicitSplice[] = [
    { target: parseSpec(target), replacement: replacement ?? (() => old!), isTransitive: true, origin },
  ]
  const warnings: string[] = []
  const withSplices: World = { ...world, splices, warn: (text) => warnings.push(text) }
  return {
    warnings,
    old: old!,
    solve: (text: string): Spec => concretizeTogether(withSplices, own, [asks(text)]).roots[0]!,
    solveInRounds(text: string): Spec {
      const reusable = reusableSpecs(world.reusable.of('gcc'))
      return concretizeInRounds({ ...withSplices, reusable }, own, [asks(text)])[0]!
    },
  }
}

const isError = (code: string) => (error: unknown) =>
  error instanceof SpackError && error.code === code && error.where === origin.where

test('roots with the target below them are spliced, others stay', async () => {
  const { solve, solveInRounds, old, warnings } = await spliceWorld('lib@2')
  const made = solve('app')
  assert.is(hashOf(made, 'lib'), old.concrete!.hash)
  assert.is(made.concrete!.buildSpec!.name, 'app')
  assert.equal(warnings, [])
  assert.is(solveInRounds('app').concrete!.hash, made.concrete!.hash)
  assert.is(solve('app ^lib@1.0').concrete!.buildSpec, null)
})

test('a root that is no longer what was asked for is told of, or refused', async () => {
  const { solve, warnings } = await spliceWorld('lib@2')
  solve('app ^lib@2.0')
  assert.match(warnings.join(), /is no longer `app \^lib@2\.0`/)
  assert.throws(() => solve('lib@2.0'), /in the place of `lib@2\.0`/)
})

test('a hash that is not known fails where it is needed', async () => {
  const { solve } = await spliceWorld('lib@2', () => {
    throw new SpackError('no-match', '`lib/abc` is not installed')
  })
  solve('app ^lib@1.0')
  assert.throws(() => solve('app'), isError('no-match'))
})

test('a target that is only built with says which line asks for it', async () => {
  const { solve } = await spliceWorld('lib@2')
  assert.throws(() => solve('tool'), isError('splice'))
})

test.run()
