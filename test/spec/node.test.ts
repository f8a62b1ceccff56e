import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { computeHash, hashedText } from '../../src/spec/hash.ts'
import { parseJson, printJson } from '../../src/spec/json.ts'
import { dagHash, readNodes, type SpecNode, writeNode, writeNodes } from '../../src/spec/node.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printNode, printSpec } from '../../src/spec/print.ts'
import type { DagHash, Spec } from '../../src/spec/spec.ts'
import { kit, withKit } from '../support/shared.ts'

const flags = { cflags: [], cppflags: [], cxxflags: [], fflags: [], ldflags: [], ldlibs: [] }

const zlib: SpecNode = {
  name: 'zlib',
  version: '1.3.1',
  arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64_v3' },
  namespace: 'builtin',
  parameters: { build_system: 'makefile', libs: ['shared', 'static'], pic: true, ...flags, cflags: ['-O2', '-g'] },
  package_hash: 'abc====',
  annotations: { original_specfile_version: 5 },
  hash: 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz',
}

/** A node that links to zlib and was built as something else, both by the given hashes. */
const tool = (more: Partial<SpecNode>): SpecNode => ({
  ...zlib,
  name: 'tool',
  hash: 'tttttttttttttttttttttttttttttttt',
  ...more,
})

const dependsOnZlib = [
  { name: 'zlib', hash: zlib.hash!, parameters: { deptypes: ['build', 'link'], virtuals: ['zlib-api'] } },
]

function only(nodes: SpecNode[], name: string): Spec {
  return [...readNodes(nodes).values()].find((spec) => spec.name === name)!
}

test('a node becomes a concrete spec and the spec the same node', () => {
  const spec = only([zlib, tool({ dependencies: dependsOnZlib })], 'tool')
  assert.is(printSpec(spec), 'tool@1.3.1/tttttttttttttttttttttttttttttttt')
  assert.is(
    printNode(spec),
    "tool@=1.3.1 cflags='-O2 -g' +pic build_system=makefile libs:=shared,static platform=linux os=debian12 target=x86_64_v3",
  )
  assert.is(spec.edges[0]!.child.name, 'zlib')
  const { annotations, hash, ...rest } = tool({})
  assert.is(printJson(writeNode(spec)), printJson({ ...rest, dependencies: dependsOnZlib, annotations, hash }))
})

test('what is shared in a file is shared in memory', () => {
  const specs = readNodes([
    zlib,
    tool({ dependencies: dependsOnZlib }),
    tool({ name: 'b', hash: 'b'.repeat(32), dependencies: dependsOnZlib }),
  ])
  const [z, t, b] = [...specs.values()] as [Spec, Spec, Spec]
  assert.is(t.edges[0]!.child, z)
  assert.is(b.edges[0]!.child, z)
})

test('nodes that cannot be read are refused by name', () => {
  const refuse = (nodes: SpecNode[], pattern: RegExp) => assert.throws(() => readNodes(nodes), pattern)
  refuse([{ ...zlib, hash: undefined }], /`zlib` has no hash/)
  refuse([tool({ dependencies: dependsOnZlib })], /`tool\/t+` refers to `zlib\/z+`, which is not there/)
  refuse([zlib, tool({ build_spec: { name: 'old', hash: 'o'.repeat(32) } })], /refers to `old\/o+`/)
  const odd = [{ ...dependsOnZlib[0]!, parameters: { deptypes: ['links'], virtuals: [] } }]
  refuse([zlib, tool({ dependencies: odd })], /has a dependency of unknown type `links`/)
})

test('the hash does not depend on the order in which a node was written', () => {
  const { name, version, parameters, ...rest } = tool({
    dependencies: dependsOnZlib,
    external: { path: '/usr', module: null, extra_attributes: { b: { d: 1, c: 2 }, a: [] } },
  })
  const shuffled: SpecNode = {
    ...rest,
    parameters: Object.fromEntries(Object.entries(parameters!).reverse()),
    version,
    name,
    external: { extra_attributes: { a: [], b: { c: 2, d: 1 } }, module: null, path: '/usr' },
  }
  assert.is(hashedText(shuffled), hashedText({ name, version, parameters, ...rest }))
})

test('the hash does not depend on the hash that a node says it has', () => {
  assert.is(computeHash(zlib), computeHash({ ...zlib, hash: 'other' }))
})

test('a spliced node ends with the end of the hash of what it was built as', () => {
  const plain = computeHash(tool({}))
  const spliced = computeHash(tool({ build_spec: { name: 'tool', hash: `${'o'.repeat(25)}endings` } }))
  assert.is(spliced.length, plain.length)
  assert.ok(spliced.endsWith('endings'))
})

test('abstract specs have nodes too, and are read from them', () => {
  const text =
    'a@1.2:1.4 cflags==-g +x~y v=1,2 w:=3 platform=linux os=rhel8 target=zen2 %[deptypes=build] c=gcc@12 ^mpi'
  const spec = parseSpec(text)
  const nodes = [spec, ...spec.edges.map(({ child }) => child)].map(writeNode)
  const again = readNodes(nodes).get(dagHash(spec))!
  assert.is(again.concrete, null)
  assert.is(dagHash(again), dagHash(spec))
  // Edges of nodes have no sigil but for `direct`, and variants of one value are lists in abstract nodes.
  assert.is(printNode(again), printNode(spec))
})

test('long chains of abstract nodes are hashed without recursion', () => {
  const length = 20_000
  const nodes = Array.from({ length }, (_, index): SpecNode => {
    const child = { name: `n${index + 1}`, hash: `h${index + 1}`, parameters: { deptypes: ['link'], virtuals: [] } }
    const dependencies = index + 1 < length ? [child] : undefined
    return { name: `n${index}`, versions: [':'], concrete: false, hash: `h${index}`, dependencies }
  })
  const specs = [...readNodes(nodes).values()]
  assert.is(writeNodes(specs)[0]!.hash, dagHash(specs[0]!))
})

test('a version without `=` and targets of other machines survive', () => {
  const target = { name: 'zen9', vendor: 'AuthenticAMD', features: ['avx9'], generation: 0, parents: ['zen5'] }
  const spec = only(
    [{ ...zlib, version: 'git.main=1.3', arch: { platform: 'linux', platform_os: 'x', target } }],
    'zlib',
  )
  assert.is(writeNode(spec).version, 'git.main=1.3')
  assert.is(spec.arch!.target, 'zen9')
})

withKit(test, 'the nodes of a large lockfile are read, written and hashed without a difference', () => {
  const text = readFileSync(kit('depfile/large/spack.lock'), 'utf8')
  const { concrete_specs } = parseJson(text) as { concrete_specs: Record<DagHash, SpecNode> }
  const specs = readNodes(Object.values(concrete_specs))
  for (const [hash, node] of Object.entries(concrete_specs)) {
    const written = writeNode(specs.get(hash as DagHash)!)
    assert.is(printJson(written), printJson(node))
    assert.is(computeHash(written), hash)
  }
})

test.run()
