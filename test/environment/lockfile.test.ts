import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { allNodes, allRoots, readLockfile, writeLockfile } from '../../src/environment/lockfile.ts'
import { SpackError } from '../../src/ui/error.ts'
import { kit, withKit } from '../support/shared.ts'

const test = suite('lockfile')

const hashOf = (letter: string): string => letter.repeat(32)
type Fields = Record<string, unknown>

const node = (letter: string, needs: string[] = [], fields: Fields = {}): [string, Fields] => [
  hashOf(letter),
  {
    name: `pkg-${letter}`,
    version: '1.0',
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
    namespace: 'builtin',
    parameters: { build_system: 'generic' },
    ...(needs.length ? { dependencies: needs.map((other) => dependency(other)) } : {}),
    annotations: { original_specfile_version: 5 },
    hash: hashOf(letter),
    ...fields,
  },
]
const dependency = (letter: string): Fields => ({
  name: `pkg-${letter}`,
  hash: hashOf(letter),
  parameters: { deptypes: ['build', 'link'], virtuals: [] },
})
const lockfile = (nodes: [string, Fields][], fields: Fields = {}, version = 6): string =>
  JSON.stringify({
    _meta: { 'file-type': 'spack-lockfile', 'lockfile-version': version, 'specfile-version': 5 },
    spack: { version: '1.2.0', type: 'release' },
    roots: [{ hash: hashOf('a'), spec: 'pkg-a' }],
    concrete_specs: Object.fromEntries(nodes),
    ...fields,
  })

function refusal(text: string): { code: string; message: string; where: string | undefined } {
  try {
    readLockfile(text, 'spack.lock')
  } catch (error) {
    const { code, message, where } = error as SpackError
    return { code, message, where }
  }
  throw new Error('the lockfile was read')
}

test('what is read is written again, byte for byte', () => {
  const text = lockfile([node('a', ['b', 'c']), node('b', ['c']), node('c')])
  const read = readLockfile(text, 'spack.lock')
  assert.equal([...read.nodes.keys()], [hashOf('a'), hashOf('b'), hashOf('c')])
  assert.is(writeLockfile(read), text)
})

test('text beyond ASCII is escaped as Spack does', () => {
  const text = lockfile([node('a')], { roots: [{ hash: hashOf('a'), spec: 'a cflags="é😀\u007f"' }] })
  const escaped = writeLockfile(readLockfile(text, 'spack.lock'))
  assert.ok(escaped.includes(String.raw`cflags=\"\u00e9\ud83d\ude00\u007f\"`))
  assert.equal(readLockfile(escaped, 'spack.lock'), readLockfile(text, 'spack.lock'))
})

test('numbers of externals keep their spelling', () => {
  const external = { path: '/usr', module: null, extra_attributes: { a: 'FLOAT', b: 1 } }
  const text = lockfile([node('a', [], { external })]).replace('"FLOAT"', '1.0')
  assert.is(writeLockfile(readLockfile(text, 'spack.lock')), text)
})

test('included environments are kept apart and can be looked at as one', () => {
  const other = { roots: [{ hash: hashOf('b'), spec: 'pkg-b' }], concrete_specs: Object.fromEntries([node('b')]) }
  const deep = { ...other, include_concrete: { '/deep': { roots: [{ hash: hashOf('b'), spec: 'again' }] } } }
  const read = readLockfile(lockfile([node('a')], { include_concrete: { '/other': deep } }), 'spack.lock')
  assert.equal([...read.includeConcrete.keys()], ['/other'])
  assert.equal([...allNodes(read).keys()], [hashOf('a'), hashOf('b')])
  assert.equal(
    allRoots(read).map((root) => root.spec),
    ['pkg-a', 'pkg-b', 'again'],
  )
})

test('a lockfile that is cut off anywhere is refused', () => {
  const text = lockfile([node('a', ['b']), node('b')])
  for (let length = 0; length < text.length; length++) {
    const { code, message, where } = refusal(text.slice(0, length))
    assert.is(code, 'lockfile-syntax', `at ${length}`)
    assert.match(message, /^the lockfile is cut off/, `at ${length}`)
    assert.is(where, `spack.lock:1:${length + 1}`)
  }
})

test('what is not JSON is shown by line and column', () => {
  assert.equal(refusal('{"_meta": {},\n  roots: []}'), {
    code: 'lockfile-syntax',
    message: 'the lockfile is not JSON: expected a key in double quotes',
    where: 'spack.lock:2:3',
  })
  assert.is(refusal('<<<<<<< HEAD\n{}').where, 'spack.lock:1:1')
  assert.is(refusal(`${lockfile([node('a')])}\n}`).where, 'spack.lock:2:1')
})

test('a later version is refused before anything else is looked at', () => {
  const { code, message } = refusal('{"_meta": {"file-type": "spack-lockfile", "lockfile-version": 99}, "x": 1}')
  assert.is(code, 'lockfile-version')
  assert.match(message, /99/)
})

test('one node twice is refused, also where JSON.parse would take the last', () => {
  const text = lockfile([node('a')])
  const [key, value] = node('a')
  const twice = text.replace(`"${key}":`, `"${key}": ${JSON.stringify(value)},\n"${key}":`)
  assert.equal(refusal(twice), {
    code: 'lockfile-syntax',
    message: `the key \`${key}\` is there twice`,
    where: 'spack.lock:2:1',
  })
})

const faults: [name: string, text: string, message: RegExp][] = [
  ['a list', '[]', /JSON object/],
  ['no _meta', '{}', /no `_meta`/],
  ['another type of file', '{"_meta": {"file-type": "database"}}', /not a lockfile/],
  ['a version that is no number', '{"_meta": {"lockfile-version": "6"}}', /whole number/],
  ['no roots', lockfile([node('a')], { roots: undefined }), /no list `roots`/],
  ['a root of the wrong type', lockfile([node('a')], { roots: ['a'] }), /root without/],
  ['no nodes', lockfile([], { concrete_specs: [] }), /no object `concrete_specs`/],
  ['a root without its node', lockfile([node('b')]), /the root `pkg-a` has no node \/a{32}/],
  ['a dependency without its node', lockfile([node('a', ['b'])]), /pkg-a\/a{32} refers to pkg-b\/b{32}/],
  [
    'a build spec without its node',
    lockfile([node('a', [], { build_spec: { name: 'x', hash: 'y' } })]),
    /refers to x\/y/,
  ],
  [
    'a circle',
    lockfile([node('a', ['b']), node('b', ['a'])]),
    /circle: pkg-a\/aaaaaaa → pkg-b\/bbbbbbb → pkg-a\/aaaaaaa/,
  ],
  ['a spec that needs itself', lockfile([node('a', ['a'])]), /circle/],
  ['a key that is no hash', lockfile([node('a'), ['../../etc', node('b')[1]]]), /not a hash/],
  ['a hash of another node', lockfile([node('a', [], { hash: hashOf('b') })]), /says that its hash is/],
  ['a name that is no name', lockfile([node('a', [], { name: '../x' })]), /no valid name/],
  ['no version', lockfile([node('a', [], { version: undefined })]), /no version/],
  ['a version with a line break', lockfile([node('a', [], { version: '1\n2' })]), /`version` of pkg-a/],
  ['an abstract node', lockfile([node('a', [], { concrete: false })]), /not concrete/],
  ['parameters of the wrong type', lockfile([node('a', [], { parameters: [] })]), /`parameters` of pkg-a/],
  ['an external without path', lockfile([node('a', [], { external: { path: 1 } })]), /`external` of pkg-a/],
  ['an unknown deptype', lockfile([node('a', ['b']), node('b')]).replace('"link"', '"lnik"'), /dependency of pkg-a/],
  [
    'an included lockfile of the wrong type',
    lockfile([node('a')], { include_concrete: { '/x': [] } }),
    /include_concrete/,
  ],
]
for (const [name, text, message] of faults) {
  test(`refused: ${name}`, () => {
    const found = refusal(text)
    assert.is(found.code, 'lockfile-invalid')
    assert.match(found.message, message)
  })
}

test('nested includes and long chains do not exhaust the stack', () => {
  let inner: Fields = { roots: [] }
  for (let i = 0; i < 500; i++) inner = { roots: [], include_concrete: { [`/${i}`]: inner } }
  assert.match(refusal(lockfile([node('a')], { include_concrete: { '/x': inner } })).message, /nested/)
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  const keyOf = (i: number) =>
    [12, 8, 4, 0]
      .map((shift) => letters[(i >> shift) & 15])
      .join('')
      .repeat(8)
  const chain = Array.from({ length: 40_000 }, (_, i): [string, Fields] => {
    const [, fields] = node('a', i < 39_999 ? ['b'] : [], { hash: keyOf(i) })
    const dependencies = fields.dependencies as Fields[] | undefined
    if (dependencies) Object.assign(dependencies[0]!, { name: 'pkg-a', hash: keyOf(i + 1) })
    return [keyOf(i), fields]
  })
  const roots = [{ hash: keyOf(0), spec: 'a' }]
  assert.is(readLockfile(lockfile(chain, { roots }), 'spack.lock').nodes.size, 40_000)
})

test('versions 4 and 5 are brought into the form of 6', () => {
  const old = (dependencies: Fields[]): [string, Fields][] => [
    [
      hashOf('a'),
      { name: 'pkg-a', version: '1', compiler: { name: 'gcc', version: '12.2.0' }, dependencies, hash: hashOf('a') },
    ],
    [hashOf('b'), { name: 'pkg-b', version: '1', full_hash: 'x', build_hash: 'y', hash: hashOf('b') }],
  ]
  const v4 = readLockfile(lockfile(old([{ name: 'pkg-b', hash: hashOf('b'), type: ['build'] }]), {}, 4), 'spack.lock')
  const edge = { name: 'pkg-b', hash: hashOf('b'), parameters: { deptypes: ['build'], virtuals: [], direct: true } }
  assert.equal(v4.version, 4)
  assert.equal([...v4.nodes.values()], [
    {
      name: 'pkg-a',
      version: '1',
      dependencies: [edge],
      annotations: { original_specfile_version: 3, compiler: 'gcc@=12.2.0' },
      hash: hashOf('a'),
    },
    { name: 'pkg-b', version: '1', annotations: { original_specfile_version: 3 }, hash: hashOf('b') },
  ] as never)
  const parameters = { deptypes: ['link'], virtuals: ['mpi'] }
  const v5 = readLockfile(lockfile(old([{ name: 'pkg-b', hash: hashOf('b'), parameters }]), {}, 5), 'spack.lock')
  assert.equal(v5.nodes.get(hashOf('a') as never)!.dependencies, [
    { ...edge, parameters: { ...parameters, direct: true } },
  ])
  assert.is(v5.nodes.get(hashOf('a') as never)!.annotations!.original_specfile_version, 4)
})

// a1 and a2 are two builds of one old DAG hash d: the first root's stays.
test('versions 2 and 3 are keyed by DAG hash again, the first root before others', () => {
  const roots = [
    { hash: hashOf('a'), spec: 'one' },
    { hash: hashOf('b'), spec: 'two' },
  ]
  const build = (version: string, child: string): Fields => ({
    name: 'top',
    version,
    dependencies: [{ name: 'leaf', build_hash: hashOf(child), type: ['link'] }],
    hash: hashOf('d'),
  })
  const nodes: [string, Fields][] = [
    [hashOf('b'), build('2', 'c')],
    [hashOf('a'), build('1', 'c')],
    [hashOf('c'), { name: 'leaf', version: '1', hash: hashOf('e') }],
    [hashOf('f'), { name: 'unneeded', version: '1', hash: hashOf('g') }],
  ]
  const v3 = readLockfile(lockfile(nodes, { roots }, 3), 'spack.lock')
  assert.equal(v3.roots, [
    { hash: hashOf('d'), spec: 'one' },
    { hash: hashOf('d'), spec: 'two' },
  ] as never)
  assert.equal([...v3.nodes.keys()], [hashOf('d'), hashOf('e')])
  assert.is(v3.nodes.get(hashOf('d') as never)!.version, '1')
  assert.is(v3.nodes.get(hashOf('d') as never)!.dependencies![0]!.hash, hashOf('e'))
})

test('version 1 has nodes below their name', () => {
  const nodes: [string, Fields][] = [
    [hashOf('a'), { top: { version: '1', dependencies: { leaf: { hash: hashOf('b'), type: ['link'] } } } }],
    [hashOf('b'), { leaf: { version: '2' } }],
  ]
  const v1 = readLockfile(lockfile(nodes, {}, 1), 'spack.lock')
  assert.equal(
    [...v1.nodes.values()].map((each) => `${each.name}@${each.version}/${each.hash}`),
    [`top@1/${hashOf('a')}`, `leaf@2/${hashOf('b')}`],
  )
})

test('damage is refused with a reason or does not matter, and never surprises', () => {
  const text = lockfile([node('a', ['b']), node('b', [], { external: { path: '/usr', module: null } })])
  let seed = 11
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % limit
  }
  const pieces = ['"', '{', '}', '[', ']', ',', ':', 'null', '1e9', '{}', '[]', '"x"', '\\', '\u0000', '__proto__', '-']
  for (let round = 0; round < 1000; round++) {
    const at = random(text.length)
    const damaged = text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at + random(12))
    try {
      writeLockfile(readLockfile(damaged, 'spack.lock'))
    } catch (error) {
      assert.ok(
        error instanceof SpackError && error.code.startsWith('lockfile-'),
        `${damaged}\n${(error as Error).stack}`,
      )
    }
  }
})

withKit(test, 'the kit’s lockfiles are read and written again byte for byte', () => {
  const cases = ['env', 'depfile', 'views', 'buildcache'].flatMap((area) =>
    readdirSync(kit(area)).map((name) => join(area, name, 'spack.lock')),
  )
  const files = cases.filter((name) => existsSync(kit(name)))
  assert.ok(files.length > 0)
  for (const name of files) {
    const text = readFileSync(kit(name), 'utf8')
    // One of them was written with spaces.
    assert.ok(writeLockfile(readLockfile(text, name)) === JSON.stringify(JSON.parse(text)), name)
  }
})

test.run()
