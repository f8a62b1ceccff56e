import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { colourize, escapeColour } from '../../src/spec/colour.ts'
import { defaultFormat, formatSpec } from '../../src/spec/format.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printNode } from '../../src/spec/print.ts'
import { formatPath, projectSpec, selectProjection } from '../../src/spec/projection.ts'
import { type DagHash, type Spec, setVariant } from '../../src/spec/spec.ts'
import { specTree, typeLetters } from '../../src/spec/tree.ts'
import { SpackError } from '../../src/ui/error.ts'
import { pick, randomSpecText, seeded } from './generate.ts'

const test = suite('format')

/** A concrete spec made of an abstract one; hashes are made of names. */
function concrete(text: string, ...children: Spec[]): Spec {
  const spec = parseSpec(text)
  spec.edges = children.map((child) => ({
    child,
    deptypes: 3,
    virtuals: ['gcc', 'llvm'].includes(child.name!) ? ['c', 'cxx'] : [],
    direct: false,
    propagate: false,
    when: null,
  }))
  for (const [name, variant] of spec.variants) {
    if (variant.kind === 'multi') setVariant(spec, name, { ...variant, kind: 'single', isExact: true })
  }
  const hash = `${spec.name}`.padEnd(32, 'x') as DagHash
  const settings = { packageHash: null, external: null, patches: [], buildSpec: null }
  spec.concrete = { hash, ...settings, originalSpecfileVersion: 5, legacyCompiler: null }
  return spec
}

const gcc = concrete('gcc@=12.2.0')
const zlib = concrete('kit.zlib@=1.3.1+shared~pic build_type=Release arch=linux-debian12-zen2', gcc)
const app = concrete('app@=2.0rc1 cflags="-O2 -g" arch=linux-debian12-zen2', zlib, gcc)

const cases: [format: string, output: string][] = [
  ['{name}-{version}-{hash}', `zlib-1.3.1-zlib${'x'.repeat(28)}`],
  ['{name}{@version}{/hash:7}', 'zlib@1.3.1/zlibxxx'],
  ['{name}{@versions}', 'zlib@=1.3.1'],
  ['{fullname} {Namespace}', 'kit.zlib kit'],
  ['{variants}', '~pic+shared build_type=Release'],
  ['{variants.build_type.value}', 'Release'],
  ['{ build=variants.build_type.value}', 'build=Release'],
  ['{architecture}', 'linux-debian12-zen2'],
  ['{target.family}/{target.generic}', 'x86_64/x86_64_v3'],
  ['{%compiler.name}{@compiler.version}', '%gcc@12.2.0'],
  ['{compilers}', '%c,cxx=gcc@12.2.0'],
  ['{^cxx.name} {^gcc.version.up_to_1}', 'gcc 12'],
  ['{version.joined}_{version.up_to_2}', '131_1.3'],
  ['\\{{name}\\}', '{zlib}'],
  ['{external} {spliced} {external_path}.', 'False False .'],
]
for (const [format, output] of cases) {
  test(`\`${format}\` prints \`${output}\``, () => assert.is(formatSpec(zlib, format), output))
}

test('a compiler is called as it is after `%`, as a package by its name', () => {
  const built = concrete('tool@=1.0 arch=linux-debian12-zen2', concrete('llvm@=15.0.7 arch=linux-debian12-zen2'))
  assert.is(formatSpec(built, '{name}{compilers}'), 'tool %c,cxx=clang@15.0.7')
  assert.is(formatSpec(built, '{^cxx.name}{@version}'), 'llvm@1.0')
})

const refusals: [format: string, reason: RegExp][] = [
  ['{name', /a `\{` has no `\}`/],
  ['name}', /a `\}` has no `\{`/],
  ['{}', /an attribute has no name/],
  ['{nosuch}', /a spec has no attribute `nosuch`/],
  ['{variants.nosuch}', /`variants` has no attribute `nosuch`/],
  ['{@name}', /`@` goes with versions only/],
  ['{/version}', /`\/` goes with hashes only/],
  ['{^nosuch.name}', /`zlib` has no dependency `nosuch`/],
  ['${PACKAGE}', /syntax of an old version/],
  ['{_name}', /`_name` is not an attribute/],
  ['{constructor}', /no attribute `constructor`/],
]
for (const [format, reason] of refusals) {
  test(`\`${format}\` is refused`, () => assert.throws(() => formatSpec(zlib, format), reason))
}

test('the default format prints what the canonical text of a node is', () => {
  const random = seeded(7)
  for (let i = 0; i < 500; i++) {
    const spec = parseSpec(randomSpecText(random))
    assert.is(formatSpec(spec, defaultFormat), printNode(spec))
  }
})

test('what is not set prints nothing, and no sigil either', () => {
  assert.is(formatSpec(parseSpec('a'), '{name}{@version}{ arch=architecture}{/abstract_hash}'), 'a')
})

test('colours go by attribute and include the sigil', () => {
  const options = { colour: true }
  assert.is(formatSpec(zlib, '{@version}', options), '\u001b[0;36m@1.3.1\u001b[0m')
  assert.is(formatSpec(zlib, '{/hash:3}', options), '\u001b[0;90m/zli\u001b[0m')
  assert.is(formatSpec(zlib, '{name}', options), 'zlib')
  const highlighted = formatSpec(zlib, '{variants}', { colour: true, highlightVariant: (_, name) => name === 'pic' })
  assert.ok(highlighted.startsWith('\u001b[4;91m~pic\u001b[0m\u001b[0;94m+shared\u001b[0m '))
})

test('colour escapes become terminal codes or go', () => {
  assert.is(colourize('@*r{[-]}  @@x', true), '\u001b[1;31m[-]\u001b[0m  @x')
  assert.is(colourize('@*r{[-]}  @@x', false), '[-]  @x')
  assert.is(colourize('@gabc@.', true), '\u001b[0;32mabc\u001b[0m')
  assert.is(colourize(escapeColour('a@b}c'), false), 'a@b}c')
  assert.throws(() => colourize('a @ b', false), /starts no colour/)
})

test('only the slashes of a template separate a path', () => {
  assert.is(formatPath(zlib, '{architecture.os}/{name} {version}/./x//'), 'debian12/zlib_1.3.1/x')
  assert.is(formatPath(app, '/{compiler_flags}'), '/cflags__-O2_-g_')
  assert.is(formatPath(zlib, ''), '.')
  assert.throws(() => formatPath(zlib, '{name}{/hash}'), /no slash between braces/)
})

test('the first projection that is met wins, and `all` last', () => {
  const projections = { all: '{name}', '+pic': 'pic/{name}', 'zlib@1:': 'zed/{version}', '+shared': 'never' }
  assert.is(selectProjection(projections, zlib), 'zed/{version}')
  assert.is(projectSpec(projections, app), 'app')
  assert.is(selectProjection({ '+pic': 'x' }, zlib), null)
  assert.throws(() => projectSpec({ '+pic': 'x' }, zlib), /no projection applies to `zlib`/)
})

// app ── zlib ── gcc
//    └────────── gcc
test('a tree lists a node where it is nearest to the root', () => {
  const format = '{name}'
  assert.equal(specTree([app], { format }), ['app', '    ^gcc', '    ^zlib'])
  assert.equal(specTree([app], { format, cover: 'edges' }), ['app', '    ^gcc', '    ^zlib', '        ^gcc'])
  assert.equal(specTree([app], { format, depthFirst: true, showTypes: true }), [
    '[    ]  app',
    '[ lr ]      ^gcc',
    '[ lr ]      ^zlib',
  ])
})

test('roots of trees are sorted, and each line can say more', () => {
  const options = { format: '{name}', hashes: true, hashLength: 4, depth: true, indent: 1, recurseDependencies: true }
  assert.equal(
    specTree([zlib, gcc], { ...options, status: ({ name }) => (name === 'gcc' ? 'external' : 'installed') }),
    [' 0   [e]  gccx  gcc', ' 0   [+]  zlib  zlib'],
  )
  assert.is(typeLetters(4 | 2), 'b r ')
})

test('eight hundred nodes are formatted within a few milliseconds', () => {
  const nodes = Array.from({ length: 800 }, (_, i) => concrete(`p${i}@=1.${i}+shared arch=linux-debian12-zen2`))
  const once = () => nodes.map((node) => formatSpec(node, '{name}-{version}-{hash}'))
  const timesMs = Array.from({ length: 8 }, () => {
    const started = performance.now()
    once()
    return performance.now() - started
  })
  assert.ok(Math.min(...timesMs) < 15, `${timesMs} ms`)
})

test('garbage is printed or refused, and never a mistake of our own', () => {
  const random = seeded(8)
  const pieces = ['{', '}', '\\', 'name', '^gcc', '.', '@', '/', '%', 'hash', ':7', '=', ' ', 'variants', '_', 'é', '$']
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(random, pieces)).join('')
    for (const print of [formatSpec, formatPath]) {
      try {
        assert.type(print(zlib, text), 'string')
      } catch (error) {
        assert.is(error instanceof SpackError && error.code, 'format-string', `${text}: ${error}`)
      }
    }
  }
})

test('long and odd format strings are read in linear time', () => {
  const started = performance.now()
  for (const text of [
    '{name}'.repeat(20_000),
    '{name'.repeat(20_000),
    '\\'.repeat(99_999),
    `{${'^'.repeat(50_000)}}`,
    `{${' '.repeat(50_000)}}`,
    `{${'a'.repeat(50_000)}`,
  ]) {
    try {
      formatSpec(zlib, text)
    } catch (error) {
      assert.instance(error, Error)
    }
  }
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`)
})

test.run()
