// What requests say of nodes below their roots (`app ^netlib`).

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { solveSmall } from '../support/small-answer.ts'
import { type SmallRecipe, smallWorld } from '../support/small-world.ts'

// app ─▶ mpi, lapack, with +own also blas. `netlib` provides lapack and needs blas itself.
const world = smallWorld({
  app: { variants: { own: false }, depends: [['mpi'], ['lapack'], ['blas', '+own']] },
  mpich: { provides: ['mpi'] },
  fastmath: { provides: ['lapack', 'blas'] },
  netlib: { provides: ['lapack'], depends: [['blas']] },
  netblas: { provides: ['blas'] },
})
const answer = async (...requests: readonly string[]) =>
  solveSmall(await world, requests)?.map(({ text, children }) => [text, ...children].join(' '))

test('a node may be linked by something that nobody has looked at yet', async () => {
  assert.equal(await answer('app~own ^netblas'), [
    'app@1.0~own mpich=mpi netlib=lapack',
    'mpich@1.0',
    'netblas@1.0',
    'netlib@1.0 netblas=blas',
  ])
})

test('a provider of a virtual is one that something depends on for it', async () => {
  assert.equal(await answer('app ^[virtuals=blas] fastmath'), [
    'app@1.0~own mpich=mpi netlib=lapack',
    'fastmath@1.0',
    'mpich@1.0',
    'netlib@1.0 fastmath=blas',
  ])
})

test('a provider that is named for its virtual is linked or run, not only built with', async () => {
  const tools = smallWorld({ app: { depends: [['make', '', ['build']]] }, gmake: { provides: ['make'] } })
  const nodes = solveSmall(await tools, ['app ^gmake'])!.map(({ text }) => text)
  assert.equal(nodes, ['app@1.0', 'gmake@1.0'])
  assert.is(solveSmall(await tools, ['app ^[virtuals=make] gmake']), undefined)
})

test('of several copies the one that the root uses itself is as mentioned, not only what it links to', async () => {
  // app ─build▶ cmake@2, app ─▶ lib ─run▶ cmake@1
  const tools = await smallWorld({
    app: { depends: [['cmake@2', '', ['build']], ['lib']] },
    lib: { depends: [['cmake@1', '', ['run']]] },
    cmake: { versions: ['2.0', '1.0'], tags: ['build-tools'] },
  })
  const texts = (request: string) => solveSmall(tools, [request])?.map(({ text }) => text)
  assert.equal(texts('app'), ['app@1.0', 'cmake@1.0', 'cmake@2.0', 'lib@1.0'])
  assert.is(texts('app ^cmake@1'), undefined)
})

test('a root of a virtual may be mentioned by its name', async () => {
  assert.equal(await answer('mpi ^mpich'), ['mpich@1.0'])
})

test('the root of a virtual is the first of what provides it, though another was chosen as provider', async () => {
  // main ─▶ aaa, both provide tool
  const tools = await smallWorld(
    { main: { provides: ['tool'], depends: [['aaa']] }, aaa: { provides: ['tool'] } },
    '  tool: {require: [main]}\n',
  )
  assert.equal(
    solveSmall(tools, ['tool'])!.map(({ text }) => text),
    ['aaa@1.0'],
  )
})

test('what nothing links to is refused', async () => {
  assert.is(await answer('netlib ^mpich'), undefined)
})

test('what only options further down bring in is found, by its name and by a virtual', async () => {
  // app ─+a▶ a ─+b▶ b ─+c▶ blas; b ─+d▶ netblas; nothing of that is a default.
  const deep = await smallWorld({
    app: { variants: { a: false }, depends: [['a', '+a']] },
    a: { variants: { b: false }, depends: [['b', '+b']] },
    b: {
      variants: { c: false, d: false },
      depends: [
        ['blas', '+c'],
        ['netblas', '+d'],
      ],
      conflicts: [['+c', '+d']],
    },
    netblas: { provides: ['blas'] },
    fastmath: { provides: ['blas'] },
  })
  const nodes = (request: string) => solveSmall(deep, [request])?.map(({ text }) => text)
  assert.equal(nodes('app ^fastmath'), ['a@1.0+b', 'app@1.0+a', 'b@1.0+c~d', 'fastmath@1.0'])
  assert.is(nodes('app ^netblas')!.length, 4)
  assert.is(nodes('app~a ^netblas'), undefined)
  assert.is(nodes('app ^netblas ^fastmath'), undefined)
})

test('a package that cannot be linked brings in nothing', async () => {
  // app ─▶ java; jdk builds with another java, of which there is one in a graph; jdk ─▶ x ─▶ y
  const closed = await smallWorld({
    app: { variants: { java: false }, depends: [['java', '+java']] },
    jdk: { provides: ['java'], depends: [['java', '', ['build']], ['x']] },
    jre: { provides: ['java'] },
    x: { variants: { y: false }, depends: [['y', '+y']] },
    y: {},
  })
  const nodes = (request: string) => solveSmall(closed, [request])?.map(({ text }) => text)
  assert.equal(nodes('app ^jre'), ['app@1.0+java', 'jre@1.0'])
  assert.is(nodes('app ^y'), undefined)
})

test('what is mentioned may be brought in by a provider that was not chosen at first', async () => {
  // app ─▶ mpi ◀─ mpich, openmpi ─▶ hwloc ─▶ pci; tool ─▶ app~mpi
  const choices = await smallWorld({
    app: { variants: { mpi: true }, depends: [['mpi', '+mpi']] },
    mpich: { provides: ['mpi'] },
    openmpi: { provides: ['mpi'], depends: [['hwloc']] },
    hwloc: { versions: ['2.0', '1.0'], variants: { pci: false }, depends: [['pci', '+pci']] },
    pci: {},
    tool: { depends: [['app~mpi']] },
  })
  const nodes = (...requests: string[]) => solveSmall(choices, requests)?.map(({ text }) => text)
  assert.equal(nodes('app ^hwloc@1+pci'), ['app@1.0+mpi', 'hwloc@1.0+pci', 'openmpi@1.0', 'pci@1.0'])
  assert.equal(nodes('app ^pci'), ['app@1.0+mpi', 'hwloc@2.0+pci', 'openmpi@1.0', 'pci@1.0'])
  assert.is(nodes('app~mpi ^hwloc'), undefined)
  assert.is(nodes('tool', 'app ^pci'), undefined)
})

test('what many chains of choices may bring in is found, without going through all that do not', async () => {
  // app ─▶ a0, b0, c0, each of which may link to any of a1, b1, c1, and so on to a6, b6, c6, which may link to goal
  const [names, depth] = [['a', 'b', 'c'], 7]
  const layered: Record<string, SmallRecipe> = { app: { depends: names.map((name) => [`${name}0`]) }, goal: {} }
  for (let layer = 0; layer < depth; layer++) {
    const below = layer + 1 < depth ? names.map((name) => `${name}${layer + 1}`) : ['goal']
    for (const name of names)
      layered[`${name}${layer}`] = {
        variants: Object.fromEntries(below.map((child) => [child, false])),
        depends: below.map((child) => [child, `+${child}`]),
      }
  }
  const started = process.cpuUsage()
  const found = solveSmall(await smallWorld(layered), ['app ^goal'])!
  assert.is(found.length, 2 + names.length + depth - 1)
  // 0.2 s where it was measured; to go through all took more than a minute.
  assert.ok(process.cpuUsage(started).user < 10_000_000)
})

test.run()
