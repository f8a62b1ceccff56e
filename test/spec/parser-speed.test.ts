import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSpec, parseSpecs } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import { SpackError } from '../../src/ui/error.ts'
import { seeded } from './generate.ts'
import { randomSpecText } from './generate-spec.ts'

/** Milliseconds of processor time: other processes do not count. */
function timeMs(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** Reads a text in both modes and prints what comes of it; a complaint will do as well. */
function read(text: string): void {
  for (const parse of [(each: string) => [parseSpec(each)], parseSpecs]) {
    try {
      parse(text).map(printSpec)
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
    }
  }
}

/** Texts of any length that a parser with backtracking, or one that copies what it has, would read in quadratic time. */
const endless: Record<string, (index: number) => string> = {
  names: () => 'a ',
  'one long name': () => 'a',
  'names and dots': () => 'a.',
  'dots that part no names': () => 'a.-',
  'folders of no file': () => 'a/',
  'a folder after each file': () => 'a.json/',
  hashes: () => '/a ',
  versions: (index) => (index ? ',' : 'a@') + index * 2,
  'exact versions in descending order': (index) => `${index ? ',' : 'a@'}=${1e7 - index}`,
  'version ends': () => '1-.',
  'ranges before a variant': () => '@1:b-c-',
  variants: (index) => `+x${index}`,
  'keys and values': (index) => ` k${index}=v`,
  values: (index) => (index ? ',' : 'a k=') + index,
  flags: (index) => ` cflags=-${index}`,
  'open quotes': () => `k='`,
  'escaped quotes': () => `k='\\'`,
  'escaped quotes in a row': () => "\\'",
  'equal signs': () => '=',
  blanks: () => ' \t',
  'edges without a child': () => '^',
  dependencies: (index) => ` ^b${index}`,
  'direct dependencies of dependencies': (index) => ` ^b${index} %c`,
  'one dependency': (index) => ` ^b+x${index}`,
  'virtuals of one dependency': (index) => ` ^m${index}=b`,
  'virtuals of none': () => 'a,',
  conditions: (index) => ` %[when=+x${index}] b`,
  'children without a name': (index) => ` ^+x${index}`,
  'open attributes': () => '^[',
  'closed attributes': () => '^[]a',
  toolchains: () => ' %tc',
}

function grow(part: (index: number) => string, length: number): string {
  const parts: string[] = []
  for (let total = 0, index = 0; total < length; index++) total += parts[parts.push(part(index)) - 1]!.length
  return parts.join('')
}

test('time grows with the length of a text, however odd it is', () => {
  for (const part of Object.values(endless)) read(grow(part, 2000))
  for (const [name, part] of Object.entries(endless)) {
    // Four times the length may take four times as long, and somewhat more; quadratic growth would be sixteen times.
    const short = grow(part, 6_000)
    const long = grow(part, 24_000)
    const ratio = () =>
      timeMs(() => read(long)) /
      Math.max(
        timeMs(() => read(short)),
        4,
      )
    const isLinear = () => ratio() < 10
    assert.ok(isLinear() || isLinear() || isLinear(), name)
  }
})

test('what is inside quotes costs no more', () => {
  const long = 60_000
  for (const inside of [' ', '"', "\\'", ',', 'a', ' a', '-a ', '=']) {
    for (const text of [`a ^[when='+x${inside.repeat(long)}+y'] b`, `a k='${inside.repeat(long)}b'`]) {
      const tookMs = timeMs(() => read(text))
      assert.ok(tookMs < 500, `${text.slice(0, 30)}…: ${tookMs} ms`)
    }
  }
})

test('typical specs are read at 100,000 a second', () => {
  const random = seeded(5)
  const texts = Array.from({ length: 1000 }, () => randomSpecText(random)).filter(isSpec)
  const readAll = () => texts.forEach((text) => void parseSpec(text))
  const bestMs = Math.min(...Array.from({ length: 20 }, () => timeMs(readAll)))
  // A third of the speed is asked for here: machines that run tests are busy.
  const perSecond = texts.length / (bestMs / 1000)
  assert.ok(perSecond > 33_000, `${Math.round(perSecond)} a second`)
})

function isSpec(text: string): boolean {
  try {
    parseSpec(text)
    return true
  } catch (error) {
    if (error instanceof SpackError) return false
    throw error
  }
}

test.run()
