// The errors that are shown of a log.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findErrors, printExcerpts } from '../../src/install/build-log.ts'
import { scratch } from '../support/scratch.ts'

function logOf(text: string): string {
  const file = join(scratch(), 'log')
  writeFileSync(file, text)
  return file
}

const filler = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`)

test('the last errors with the lines around them, in order', () => {
  const lines = [
    ...filler(20),
    'a.c:1: error: first',
    ...filler(20),
    'b.c:2: error: second',
    'make: *** [all] Error 1',
    'end',
  ]
  const errors = findErrors(logOf(`${lines.join('\n')}\n`))
  assert.equal(
    errors.map(({ firstLine, lines }) => [firstLine, lines.length]),
    [
      [17, 7],
      [39, 6],
    ],
  )
  assert.match(printExcerpts(errors), /^ {2}17 {2}line 17\n/)
  assert.match(printExcerpts(errors), /\n {2}…\n {2}39 {2}line 18\n/)
})

test('names and checks that only look like errors are none', () => {
  const lines = [...filler(30), 'cc -Wno-error=x -c error.c', 'checking for strerror: yes', '0 errors: fine']
  assert.equal(
    findErrors(logOf(lines.join('\n'))).map(({ firstLine, lines }) => [firstLine, lines.at(-1)]),
    [[22, '0 errors: fine']],
  )
})

test('an empty log has none', () => assert.equal(findErrors(logOf('')), []))

test('of a huge log only the end is read, and lines are still counted from its start', () => {
  const line = `${'x'.repeat(99)}\n`
  const errors = findErrors(logOf(`${line.repeat(80_000)}bad: error: here\n`))
  assert.is(errors.length, 1)
  assert.is(errors[0]!.firstLine + errors[0]!.lines.length - 1, 80_001)
})

test.run()
