// What a compiler tells while it links: its C library, and folders for RPATHs. Compilers that fail, hang or babble.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compilerLibcs, dynamicLinkerOf } from '../../src/detection/compiler-libcs.ts'
import { compilerProperties } from '../../src/detection/compiler-properties.ts'
import { libcOf, parseDynamicLinker } from '../../src/detection/libc.ts'
import { parseLinkFolders } from '../../src/detection/link-folders.ts'
import { scratch } from '../support/scratch.ts'
import { addProgram, write } from './detection-world.ts'

const gccLine =
  ' /usr/lib/gcc/x86_64-linux-gnu/12/collect2 -pie -dynamic-linker /lib64/ld.so.2 -o a -L/opt/gcc/lib/../lib64 -L/usr/lib -L /opt/gcc/lib x.o'

test('the dynamic linker and the folders of a link line are read, the last linker counting', () => {
  const output = `COLLECT_GCC_OPTIONS='-v'\n ld -dynamic-linker=/first x\n${gccLine}\nLIBRARY_PATH=-L/not/this\n`
  assert.is(parseDynamicLinker(output), '/lib64/ld.so.2')
  assert.is(
    parseDynamicLinker('"/usr/bin/ld" "-dynamic-linker" "/lib/ld-musl-x86_64.so.1" "-o" "a"'),
    '/lib/ld-musl-x86_64.so.1',
  )
  assert.is(parseDynamicLinker('no such thing'), null)
  assert.equal(parseLinkFolders(output), ['/opt/gcc/lib64', '/usr/lib', '/opt/gcc/lib'])
  assert.equal(parseLinkFolders('Library search paths:\n\t/a\n\t/a/../b\nend\n\t/c\n'), ['/a', '/b'])
})

/** A folder with a dynamic linker that says `text` on a stream, in the usual place. */
function linkerThatSays(text: string, stream = '1', folder = 'usr/lib/some-arch'): [root: string, linker: string] {
  const root = scratch()
  addProgram(join(root, folder), 'ld.so', `echo '${text}' >&${stream}`)
  return [root, join(root, folder, 'ld.so')]
}

const gnu = 'ld.so (Some GLIBC 2.31-13) stable release version 2.31.\nCopyright (C) 2020 Free Software Foundation, Inc.'

test('the C library is told by its dynamic linker, or by ldd beside it', () => {
  const [root, linker] = linkerThatSays(gnu)
  assert.equal(libcOf(linker), { name: 'glibc', version: '2.31', prefix: join(root, 'usr') })
  const [muslRoot, musl] = linkerThatSays('musl libc (x86_64)\nVersion 1.2.5\nDynamic Program Loader', '2', 'lib')
  assert.equal(libcOf(musl), { name: 'musl', version: '1.2.5', prefix: muslRoot })
  const [oldRoot, old] = linkerThatSays('usage: …', '2')
  assert.is(libcOf(old), null)
  addProgram(join(oldRoot, 'usr/bin'), 'ldd', 'echo "ldd (GNU libc) 2.17"; echo "Written by Roland McGrath"')
  assert.equal(libcOf(old), { name: 'glibc', version: '2.17', prefix: join(oldRoot, 'usr') })
})

test('no linker, an unusual place and another library give none', () => {
  assert.is(libcOf('/no/such/linker'), null)
  assert.is(libcOf(linkerThatSays(gnu, '1', 'opt/runtime/x')[1]), null)
  assert.is(libcOf(linkerThatSays('ld.so of another kind version 3.1')[1]), null)
})

test('folders with runtime libraries are kept, those of the system and of the dynamic linker are not', () => {
  const [root, linker] = linkerThatSays(gnu)
  const own = join(root, 'gcc/lib64')
  const searched = join(root, 'searched')
  write(join(own, 'libstdc++.so'), '')
  write(join(searched, 'libgfortran.so'), '')
  write(join(root, 'empty/readme'), '')
  addProgram(
    join(root, 'usr/lib/some-arch'),
    'ld.so',
    `[ "$1" = --help ] && echo "  ${searched} (system search path)" || echo "${gnu}"`,
  )
  const folders = [own, searched, join(root, 'empty'), '/usr/lib', '/no/such'].map((each) => `-L${each}`).join(' ')
  addProgram(
    root,
    'cc',
    `echo run >> ${root}/runs; echo "$@" > ${root}/args; echo " ld -dynamic-linker ${linker} ${folders}" >&2`,
  )
  const world = { environ: process.env, cache: join(root, 'cache') }
  const compiler = {
    c: join(root, 'cc'),
    attributes: { flags: { cflags: '-O1 -m64', ldflags: '-Wl,x' } },
    implicitRpathLibraries: ['libgfortran'],
  }
  const expected = {
    dynamicLinker: linker,
    libc: { name: 'glibc', version: '2.31', prefix: join(root, 'usr') },
    implicitRpaths: [own],
  }
  assert.equal(compilerProperties(compiler, world), expected)
  assert.match(readFileSync(join(root, 'args'), 'utf8'), '-O1 -m64 -Wl,x -v ')
  assert.equal(compilerProperties(compiler, world), expected)
  const runs = () => readFileSync(join(root, 'runs'), 'utf8').match(/run/g)?.length
  assert.is(runs(), 1)
  // A damaged cache is made anew, and so is one of which the C library changed.
  writeFileSync(join(root, 'cache/properties.json'), '{"broken')
  assert.equal(compilerProperties(compiler, world), expected)
  addProgram(join(root, 'usr/lib/some-arch'), 'ld.so', `echo "${gnu.replaceAll('2.31', '2.40')}"`)
  assert.is(compilerProperties(compiler, world).libc?.version, '2.40')
  assert.is(runs(), 3)
})

test('without a compiler that tells, the C library is that of this program; what is no program has no linker', () => {
  const text = join(scratch(), 'text')
  writeFileSync(text, 'no program, but long enough to be looked at as if it were one, is it not? Yes, it is.')
  assert.is(dynamicLinkerOf(text), null)
  assert.is(dynamicLinkerOf('/no/such'), null)
  if (process.platform !== 'linux') return
  const linker = dynamicLinkerOf(process.execPath)
  const expected = linker === null ? [] : [libcOf(linker)].flatMap((each) => each ?? [])
  const world = { environ: process.env, cache: join(scratch(), 'cache') }
  assert.equal(compilerLibcs([], { indexes: [] } as never, world), expected)
  if (linker) assert.match(linker, /^\/.*ld/)
})

test('nothing is known, and nothing kept, of a compiler that is not there or cannot link', () => {
  const root = scratch()
  addProgram(root, 'cc', 'exit 1')
  const world = { environ: process.env, cache: join(root, 'cache') }
  const nothing = { dynamicLinker: null, libc: null, implicitRpaths: [] }
  for (const c of [join(root, 'cc'), join(root, 'absent'), undefined]) {
    assert.equal(compilerProperties({ c }, world), nothing)
  }
  assert.not.ok(existsSync(join(root, 'cache')))
})

test.run()
