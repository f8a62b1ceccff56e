import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSpec } from '../../src/spec/parser.ts'
import { printNode, printSpec } from '../../src/spec/print.ts'
import { deptypeNames, type Spec } from '../../src/spec/spec.ts'
import { parseSpecJson, parseSpecYaml, printSpecJson, printSpecYaml, specFileReader } from '../../src/spec/spec-file.ts'
import { SpackError } from '../../src/ui/error.ts'
import { kit, withKit } from '../support/shared.ts'
import { pick, seeded } from './generate.ts'

const common = {
  version: '1.0',
  arch: { platform: 'linux', platform_os: 'rhel7', target: 'x86_64' },
  compiler: { name: 'gcc', version: '8.5.0' },
  namespace: 'builtin',
  parameters: { pic: true, cxxstd: '11', cflags: [], cppflags: [], cxxflags: [], fflags: [], ldflags: [], ldlibs: [] },
}
const hashes = { app: 'a'.repeat(32), lib: 'b'.repeat(32) }

/** app links to lib, as Spack wrote it at the time of each format. */
const oldFiles: Record<number, unknown> = {
  1: [
    { app: { ...common, dependencies: { lib: { hash: hashes.lib, type: ['build', 'link'] } }, hash: hashes.app } },
    { lib: { ...common, hash: hashes.lib } },
  ],
  2: [
    {
      name: 'app',
      ...common,
      dependencies: [{ name: 'lib', build_hash: 'y'.repeat(32), type: ['build', 'link'] }],
      hash: hashes.app,
      build_hash: 'x'.repeat(32),
    },
    { name: 'lib', ...common, hash: hashes.lib, build_hash: 'y'.repeat(32) },
  ],
  3: [
    {
      name: 'app',
      ...common,
      dependencies: [{ name: 'lib', hash: hashes.lib, type: ['build', 'link'] }],
      hash: hashes.app,
    },
    { name: 'lib', ...common, hash: hashes.lib },
  ],
  4: [
    {
      name: 'app',
      ...common,
      dependencies: [{ name: 'lib', hash: hashes.lib, parameters: { deptypes: ['build', 'link'], virtuals: [] } }],
      hash: hashes.app,
    },
    { name: 'lib', ...common, hash: hashes.lib },
  ],
}

const fileText = (format: number): string =>
  JSON.stringify({ spec: format === 1 ? oldFiles[1] : { _meta: { version: format }, nodes: oldFiles[format] } })

function checkApp(app: Spec, format: number): void {
  assert.is(printSpec(app), `app@1.0/${hashes.app}`)
  assert.is(printNode(app), 'app@=1.0+pic cxxstd=11 platform=linux os=rhel7 target=x86_64')
  const [edge] = app.edges
  assert.is(edge!.child.concrete!.hash, hashes.lib)
  assert.equal(deptypeNames(edge!.deptypes), ['build', 'link'])
  assert.ok(edge!.direct)
  assert.is(app.concrete!.originalSpecfileVersion, format)
  assert.is(printSpec(app.concrete!.legacyCompiler!), 'gcc@=8.5.0')
}

test('files of all old formats are read, and written in the new one', () => {
  for (const format of [1, 2, 3, 4]) {
    const app = parseSpecJson(fileText(format))
    checkApp(app, format)
    checkApp(parseSpecJson(printSpecJson(app)), format)
  }
})

test('files that are no spec files are refused with a reason', () => {
  const reasons: Record<string, RegExp> = {
    '': /the spec file is not JSON/,
    '{"spec": ': /the spec file is not JSON/,
    '[]': /does not say which format it has/,
    '{"spec": []}': /has no nodes/,
    '{"spec": {"_meta": {"version": 5}, "nodes": []}}': /has no nodes/,
    '{"spec": {"_meta": {"version": 6}, "nodes": []}}': /has format 6; formats up to 5 are known/,
    '{"spec": {"_meta": {"version": 5}, "nodes": [{"name": "a"}]}}': /`a` has no hash/,
    '{"spec": {"_meta": {"version": 5}, "nodes": [{"name": "a", "hash": "x", "version": 1}]}}':
      /`version` that is not a text/,
    '{"spec": {"_meta": {"version": 4}, "nodes": [{"name": "a"}]}}': /`a` has no hash/,
  }
  for (const [text, reason] of Object.entries(reasons)) assert.throws(() => parseSpecJson(text), reason)
})

test('a spec that depends on itself is refused', () => {
  const edge = (name: string, hash: string) => ({ name, hash, parameters: { deptypes: ['link'], virtuals: [] } })
  const nodes = [
    { name: 'a', hash: 'x', version: '1', dependencies: [edge('b', 'y')] },
    { name: 'b', hash: 'y', version: '1', dependencies: [edge('a', 'x')] },
  ]
  const text = JSON.stringify({ spec: { _meta: { version: 5 }, nodes } })
  assert.throws(() => parseSpecJson(text), /`b` depends on `a`, which depends on `b`/)
})

test('YAML keeps numbers, order and the texts that look like something else', async () => {
  const node = {
    name: 'a',
    version: '1.10',
    parameters: { '10': 'yes', '9': '1.0', debug: false },
    external: { path: '/usr', module: null, extra_attributes: { x: { '2': 'null', '1': ['true', '~', ''] } } },
    annotations: { original_specfile_version: 5 },
    hash: 'x',
  }
  const text = JSON.stringify({ spec: { _meta: { version: 5 }, nodes: [node] } }).replace('"null"', '1.0')
  const spec = parseSpecJson(text)
  assert.is(printSpecJson(await parseSpecYaml(await printSpecYaml(spec))), printSpecJson(spec))
  assert.match(printSpecJson(spec), /"1":\["true","~",""\],"2":1\.0/)
})

test('YAML that is no spec file is refused', async () => {
  for (const text of ['a: [', '- x', 'spec: &a [*a]', '\t: x']) {
    const outcome = await parseSpecYaml(text).catch((error: unknown) => error)
    assert.instance(outcome, SpackError, text)
  }
})

test('files are read for the parser, YAML as well', async () => {
  const json = printSpecJson(parseSpecJson(fileText(4)))
  const yaml = await printSpecYaml(parseSpecJson(json))
  const files: Record<string, string> = { './a.json': json, './a.yaml': yaml, './bad.json': '{' }
  const words = ['./a.json', 'x', '^./a.yaml']
  const readSpecFile = await specFileReader(words, (path) => files[path])
  assert.is(printSpec(parseSpec('./a.json', { readSpecFile })), `app@1.0/${hashes.app}`)
  assert.is(parseSpec('x ^./a.yaml', { readSpecFile }).edges[0]!.child.concrete!.hash, hashes.app)
  assert.throws(() => parseSpec('./b.json', { readSpecFile }), /there is no spec file `\.\/b\.json`/)
  assert.throws(() => parseSpec('./a.json +x', { readSpecFile }), /another one starts here/)
  assert.throws(() => parseSpec('./a.json ^b', { readSpecFile }), /takes no further dependencies/)
  try {
    readSpecFile('./bad.json')
    assert.unreachable()
  } catch (error) {
    assert.is((error as SpackError).where, './bad.json')
  }
})

test('a damaged file gives a spec or an explanation', () => {
  const random = seeded(9)
  const whole = [1, 2, 3, 4].map(fileText)
  const pieces = ['null', '"x"', '[]', '{}', '1.0', 'true', '-1', '"hash":', ',', ']', '}']
  for (let i = 0; i < 4000; i++) {
    const text = pick(random, whole)
    const at = Math.floor(random() * text.length)
    const end = text.slice(at).search(/[,:\]}]/) + at
    const damaged = text.slice(0, at) + pick(random, pieces) + text.slice(random() < 0.5 ? at + 1 : Math.max(at, end))
    try {
      printSpecJson(parseSpecJson(damaged))
    } catch (error) {
      assert.instance(error, SpackError, `${damaged}: ${error instanceof Error ? error.stack : error}`)
    }
  }
})

withKit(test, 'the YAML form of a spec is what Spack writes', async () => {
  const text = readFileSync(kit('spec/nodes/mini.yaml'), 'utf8')
  const spec = await parseSpecYaml(text)
  assert.is(await printSpecYaml(spec), text)
  assert.is(printSpecJson(spec), printSpecJson(parseSpecJson(readFileSync(kit('spec/nodes/mini.json'), 'utf8'))))
})

test.run()
