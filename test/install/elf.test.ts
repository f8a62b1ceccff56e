import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { relocateBinary } from '../../src/install/relocation/binary.ts'
import { applyPatches, memorySource } from '../../src/install/relocation/byte-source.ts'
import { type ElfFile, elfConstants, readElf } from '../../src/install/relocation/elf-file.ts'
import { prefixMap } from '../../src/install/relocation/prefix-map.ts'
import { scratch } from '../support/scratch.ts'
import { tinyElf } from '../support/tiny-elf.ts'

const test = suite('elf')
const old = '/opt/old'
const longer = '/opt/a/much/longer/place'

function relocate(file: Buffer, pairs: [string, string][]): Buffer {
  const relocation = relocateBinary(memorySource(file), prefixMap(pairs))
  assert.is(relocation.kind, 'patched')
  return relocation.kind === 'patched' ? applyPatches(file, relocation.patches) : file
}

const read = (file: Buffer): ElfFile => {
  const elf = readElf(memorySource(file))
  assert.ok(elf)
  return elf!
}

const facts = (file: Buffer) => {
  const elf = read(file)
  return {
    interpreter: elf.interpreter?.text.toString(),
    path: elf.dynamic?.path.string.text.toString(),
    isRpath: elf.dynamic?.path.entry.tag === elfConstants.tagRpath,
  }
}

const variants = [32, 64].flatMap((bits) =>
  [true, false].map((isLittleEndian) => ({ bits: bits as 32 | 64, isLittleEndian })),
)

for (const variant of variants) {
  const name = `${variant.bits} bits, ${variant.isLittleEndian ? 'least' : 'most'} significant byte first`
  const whole = { ...variant, interpreter: `${old}/ld.so`, path: `${old}/lib::${old}/lib64:/usr/lib:` }

  test(`shorter: written in place, the tag stays, empty parts go (${name})`, () => {
    const file = tinyElf(whole)
    const after = relocate(file, [[old, '/n']])
    assert.equal(facts(after), { interpreter: '/n/ld.so', path: '/n/lib:/n/lib64:/usr/lib', isRpath: false })
    assert.is(after.length, file.length)
    assert.not(after.includes(old))
  })

  test(`longer: both move to a new segment behind the others (${name})`, () => {
    const before = tinyElf({ ...whole, extraMemory: 10_000 })
    const after = relocate(before, [[old, longer]])
    const elf = read(after)
    assert.equal(facts(after), {
      interpreter: `${longer}/ld.so`,
      path: `${longer}/lib:${longer}/lib64:/usr/lib`,
      isRpath: true,
    })
    assert.not(after.includes(`${old}/`))
    const loads = elf.segments.filter(({ type }) => type === elfConstants.loadSegment)
    assert.is(loads.length, 2)
    assert.ok(loads[1]!.address >= loads[0]!.address + loads[0]!.memorySize)
    assert.is(loads[1]!.address - loads[1]!.offset, loads[0]!.address - loads[0]!.offset)
    assert.is(loads[1]!.offset % 4096, 0)
    assert.is(loads[1]!.offset + loads[1]!.fileSize, after.length)
    const table = elf.segments.find(({ type }) => type === elfConstants.programHeaderSegment)!
    assert.is(table.offset, elf.segmentsOffset)
    assert.is(table.fileSize, elf.segments.length * variant.bits * (variant.bits === 64 ? 0.875 : 1))
  })

  test(`longer twice: grows again (${name})`, () => {
    const once = relocate(tinyElf(whole), [[old, longer]])
    const twice = relocate(once, [[longer, `${longer}/and/longer`]])
    assert.is(facts(twice).interpreter, `${longer}/and/longer/ld.so`)
    assert.is(facts(twice).path, `${longer}/and/longer/lib:${longer}/and/longer/lib64:/usr/lib`)
  })
}

test('only the interpreter is longer: the RPATH stays in place, as RPATH', () => {
  const file = tinyElf({ interpreter: '/a/ld.so', path: '/b/lib' })
  const after = relocate(file, [
    ['/a', '/a/longer'],
    ['/b', '/c'],
  ])
  assert.equal(facts(after), { interpreter: '/a/longer/ld.so', path: '/c/lib', isRpath: true })
  assert.is(read(after).dynamic!.path.string.offset, read(file).dynamic!.path.string.offset)
})

test('an RPATH that is not concerned survives a longer interpreter', () => {
  const after = relocate(tinyElf({ interpreter: '/a/ld.so', path: '/usr/lib' }), [['/a', '/a/longer']])
  assert.equal(facts(after), { interpreter: '/a/longer/ld.so', path: '/usr/lib', isRpath: false })
})

test('a new prefix that begins with the old one is not taken for it', () => {
  const after = relocate(tinyElf({ path: `${old}/lib` }), [[old, `${old}-2`]])
  assert.is(facts(after).path, `${old}-2/lib`)
})

test('a C string elsewhere refuses a longer prefix, and says what would fit', () => {
  const file = tinyElf({ path: `${old}/lib`, strings: [`${old}/share/data`] })
  const relocation = relocateBinary(memorySource(file), prefixMap([[old, longer]]))
  assert.is(relocation.kind, 'refused')
  if (relocation.kind !== 'refused') return
  const [refusal] = relocation.refusals
  assert.is(refusal!.kind, 'cannot-grow')
  assert.is('fittingBytes' in refusal! && refusal.fittingBytes, old.length)
})

test('a file that uses a lot of memory is refused, not blown up', () => {
  const file = tinyElf({ path: `${old}/lib`, extraMemory: 1 << 30 })
  const relocation = relocateBinary(memorySource(file), prefixMap([[old, longer]]))
  assert.equal(relocation, {
    kind: 'refused',
    refusals: [{ kind: 'elf', reason: 'it uses so much memory that there is no room behind it' }],
  })
})

test('Mach-O files with an old prefix are refused, others and Java classes are not', () => {
  const content = (magic: number, second: number, text: string) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(magic, 0)
    head.writeUInt32BE(second, 4)
    return memorySource(Buffer.concat([head, Buffer.from(`${text}\0`)]))
  }
  const map = prefixMap([[old, '/n']])
  const kind = (source: ReturnType<typeof content>) => relocateBinary(source, map).kind
  assert.is(kind(content(0xcffaedfe, 7, `${old}/some/where`)), 'refused')
  assert.is(kind(content(0xcafebabe, 2, `${old}/some/where`)), 'refused')
  assert.is(kind(content(0xcafebabe, 61, `${old}/some/where`)), 'patched')
  assert.is(kind(content(0xcffaedfe, 7, '/usr/lib')), 'patched')
})

// Programs that were grown must run: the kernel and the dynamic linker judge.

const compiler = spawnSync('gcc', ['--version']).status === 0
const isLinux = process.platform === 'linux' && process.arch === 'x64'
const whenRunnable = isLinux && compiler ? test : test.skip
if (!isLinux || !compiler) console.log('skipped, no gcc on x86-64 Linux: running programs that were grown')

for (const flags of [
  ['-pie'],
  ['-no-pie'],
  ['-pie', '-DBIG'],
  ['-no-pie', '-DBIG'],
  ['-no-pie', '-Wl,-z,noseparate-code'],
]) {
  whenRunnable(`a grown program and a grown library run (gcc ${flags.join(' ')})`, () => {
    const folder = scratch()
    const home = join(folder, 'a-place-that-is-much-longer-than-the-one-before')
    mkdirSync(home)
    symlinkSync('/lib64/ld-linux-x86-64.so.2', join(home, 'ld.so'))
    const library =
      '#include <stdlib.h>\nint other(void); char zeros[70000]; int answer(void) { return zeros[69999] + other(); }'
    const program = `#include <stdio.h>
      int answer(void); extern char *sbrk(long);
      #ifdef BIG
      static char zeros[3000000]; char *last(void) { return zeros + sizeof zeros - 1; }
      #else
      char *last(void) { return 0; }
      #endif
      int main(int argc, char **argv) { char *p = last(); if (p && *p) return 3; char *q = sbrk(100000); q[99999] = 1;
        FILE *f = fopen("/dev/null", "r"); printf("%d %d\\n", answer(), f != 0); return 0; }`
    const compile = (source: string, args: string[]) =>
      execFileSync('gcc', ['-x', 'c', '-', ...args], { input: source, cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    compile('int other(void) { return 42; }', ['-shared', '-fPIC', '-o', join(home, 'libother.so')])
    const shared = ['-shared', '-fPIC', '-o', 'libanswer.so', '-L', home, '-lother', '-Wl,-rpath,/old/lib']
    compile(library, shared)
    compile(program, [
      ...flags,
      '-o',
      'program',
      '-L.',
      '-lanswer',
      `-Wl,-rpath-link,${home}`,
      '-Wl,-rpath,/old/lib',
      '-Wl,--dynamic-linker,/old/ld.so',
    ])
    const place = (name: string, to: string) => {
      const pairs: [string, string][] = [
        ['/old/lib', home],
        ['/old/ld.so', join(home, 'ld.so')],
      ]
      writeFileSync(to, relocate(readFileSync(join(folder, name)), pairs))
      chmodSync(to, 0o755)
    }
    place('program', join(folder, 'grown'))
    place('libanswer.so', join(home, 'libanswer.so'))
    assert.is(execFileSync(join(folder, 'grown'), { encoding: 'utf8' }), '42 1\n')
  })
}

// Hostile input: any bytes may be wrong. Nothing may throw, hang or read what is not there.

test('damaged files are relocated, left alone or refused, and nothing else happens', () => {
  let seed = 1
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed % limit
  }
  const values = [0, 1, 0x7f, 0x80, 0xff]
  const source = (data: Buffer) => ({
    sizeBytes: data.length,
    read: (offset: number, length: number) => {
      assert.ok(offset >= 0 && length >= 0 && offset + length <= data.length, `read ${length} at ${offset}`)
      return data.subarray(offset, offset + length)
    },
  })
  for (let round = 0; round < 20_000; round++) {
    const variant = variants[round % variants.length]!
    const file = tinyElf({ ...variant, interpreter: `${old}/ld.so`, path: `${old}/lib`, strings: ['/usr'] })
    for (let n = random(4); n >= 0; n--) {
      const at = random(3) ? random(Math.min(file.length, 420)) : random(file.length)
      file[at] = random(2) ? values[random(values.length)]! : random(256)
    }
    const cut = random(10) === 0 ? file.subarray(0, random(file.length)) : file
    for (const replacement of ['/n', longer]) {
      const relocation = relocateBinary(source(cut), prefixMap([[old, replacement]]))
      if (relocation.kind === 'patched') {
        const after = applyPatches(cut, relocation.patches)
        assert.ok(after.length < cut.length + (300 << 20))
      }
    }
  }
})

test.run()
