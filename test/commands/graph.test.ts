// `spack graph` and `spack diff` on environments of a few nodes.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { write } from '../detection/detection-world.ts'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { type SmallNode, writeSmallEnvironment } from '../support/small-lockfile.ts'

function world(graph: Readonly<Record<string, SmallNode>>, roots = 1) {
  const home = scratch()
  const dir = join(home, 'env')
  mkdirSync(dir)
  writeSmallEnvironment(dir, graph, roots)
  return (...words: string[]) => runCommand(home, words, { environmentDir: dir })
}

//     app ─▶ lib ─▶ zlib ◀─ app ─▶ tool (build) ─▶ zlib, lib
const diamond: Record<string, SmallNode> = {
  app: { needs: ['lib', 'tool:build', 'zlib:build,link'] },
  lib: { needs: ['zlib'], parameters: { shared: true } },
  tool: { needs: ['lib', 'zlib'] },
  zlib: { version: '1.3', parameters: { pic: false, cflags: ['-O3', '-g'] } },
}

test('edges meet again in columns, as Spack draws them', async () => {
  const expected = [
    'o app@1.0/appaaaa',
    '|\\',
    '| |\\',
    '| o | tool@1.0/toolaaa',
    '|/| | ',
    '| |/',
    '| o lib@1.0/libaaaa',
    '|/',
    'o zlib@1.3/zlibaaa',
  ]
  assert.is((await world(diamond)('graph')).stdout, expected.map((line) => `${line}\n`).join(''))
})

test('some deptypes only, and all roots with a line between', async () => {
  const run = world(diamond, 2)
  const { stdout } = await run('graph', '--deptype', 'link')
  assert.is(
    stdout,
    'o app@1.0/appaaaa\n|\\\n| o lib@1.0/libaaaa\n|/\no zlib@1.3/zlibaaa\n\no lib@1.0/libaaaa\no zlib@1.3/zlibaaa\n',
  )
})

test('DOT has each node and edge once, with the colours of deptypes on demand', async () => {
  const run = world(diamond)
  const plain = (await run('graph', '--dot')).stdout
  assert.is(plain.match(/label="/g)?.length, 4)
  assert.is(plain.match(/ -> /g)?.length, 6)
  const coloured = (await run('graph', '-d', '-c')).stdout
  assert.match(coloured, /tool@1\.0\/toolaaa", group="build_dependencies", fillcolor="coral"/)
  assert.match(coloured, '[color="dodgerblue:crimson"]')
})

test('SVG is one well-formed picture with boxes that do not overlap', async () => {
  const { stdout } = await world(diamond)('graph', '--svg')
  assert.match(stdout, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*>\n[\s\S]*<\/svg>\n$/)
  const boxes = [...stdout.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  )
  assert.is(boxes.length, 4)
  for (const [i, [x, y, width]] of boxes.entries()) {
    for (const [otherX, otherY, otherWidth] of boxes.slice(i + 1)) {
      assert.ok(y !== otherY || x! + width! < otherX! || otherX! + otherWidth! < x!)
    }
  }
})

test('--static draws what recipes may need, providers in place of virtuals', async () => {
  const home = scratch()
  const root = join(home, 'spack_repo/tiny')
  write(join(root, 'repo.yaml'), 'repo:\n  namespace: tiny\n  api: v2.2\n')
  const recipe = (name: string, body: string) =>
    write(
      join(root, 'packages', name.toLowerCase(), 'package.py'),
      `from spack.package import *\n\n\nclass ${name}(Package):\n    version("1")\n${body}`,
    )
  recipe('App', '    depends_on("mpi")\n    depends_on("tool", type="build")\n')
  recipe('Tool', '')
  recipe('One', '    provides("mpi")\n')
  recipe('Two', '    provides("mpi")\n')
  write(join(home, 'user-config/repos.yaml'), `repos::\n  tiny: ${root}\n`)
  const edges = ({ stdout }: { stdout: string }) => stdout.match(/"\w+" -> "\w+"/g)?.join(' ')
  assert.is(edges(await runCommand(home, ['graph', '-s', 'app'])), '"app" -> "one" "app" -> "tool" "app" -> "two"')
  assert.is(edges(await runCommand(home, ['graph', '-s', '--deptype=link', 'app'])), '"app" -> "one" "app" -> "two"')
  await rejection(runCommand(home, ['graph', '-s', 'appp']), 'unknown-package')
})

test('flags that exclude each other, unknown deptypes and specs are refused', async () => {
  const run = world(diamond)
  for (const words of [['-a', '-d'], ['-c'], ['--deptype', 'lnk'], ['-i']]) {
    await rejection(run('graph', ...words), 'usage')
  }
  await rejection(run('graph', 'nosuch'), 'no-match')
})

test('diff tells facts of one and the other, by kind', async () => {
  const run = world({ ...diamond, other: { needs: ['lib'] } }, 5)
  assert.is(
    (await run('diff', 'lib', 'zlib', '-a', 'version', '-a', 'variant_value', '-a', 'node_flag', '-a', 'depends_on'))
      .stdout,
    `--- lib@1.0/${'lib'.padEnd(32, 'a')}
+++ zlib@1.3/${'zlib'.padEnd(32, 'a')}
@@ depends_on @@
-  lib zlib link
@@ variant_value @@
-  lib shared True
@@ version @@
-  lib 1.0
`,
  )
  const { stdout } = await run('diff', '--json', 'lib', 'tool')
  const { a_not_b, b_not_a, intersect } = JSON.parse(stdout)
  assert.equal(a_not_b, [])
  assert.ok(b_not_a.some(([kind, fact]: string[]) => kind === 'depends_on' && fact === 'tool lib link'))
  assert.ok(
    intersect.some(
      ([kind, fact]: string[]) => kind === 'node_flag' && fact === 'zlib node_flag("cflags","-O3","-O3 -g","none")',
    ),
  )
  const ignored = JSON.parse((await run('diff', '--json', '--ignore', 'zlib', 'lib', 'tool')).stdout)
  assert.not.match(JSON.stringify(ignored), 'zlib')
  assert.match((await run('diff', 'lib', 'lib')).stdout, 'No differences')
})

test('diff needs two specs, each of which matches one', async () => {
  const run = world(diamond, 4)
  await rejection(run('diff', 'lib'), 'usage')
  await rejection(run('diff', 'lib', 'nosuch'), 'no-match')
  const error = await rejection(run('diff', '@1.0', 'zlib'), 'ambiguous')
  assert.match(error.detail ?? '', 'toolaaa tool@1.0')
  assert.is((await run('diff', '--first', '@1.0', 'zlib')).code, 0)
  const { stderr } = await run('diff', '-a', 'versoin', 'lib', 'tool')
  assert.match(stderr, 'did you mean `version`?')
})

test.run()
