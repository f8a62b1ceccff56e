import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { renderError } from '../../src/ui/error.ts'

const test = suite('system faults')

const told = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    return renderError(error)
  }
  throw new Error('nothing was refused')
}

test('what the system refuses is said in words, with the path', () => {
  assert.is(
    told(() => mkdirSync('/dev/null/x')),
    '==> Error: `/dev/null/x` cannot be made: a part of its path is no folder',
  )
  assert.is(
    told(() => readdirSync('/nowhere/at-all')),
    '==> Error: `/nowhere/at-all` cannot be listed: it does not exist',
  )
  assert.is(
    told(() => writeFileSync('/dev/full', 'x')),
    '==> Error: output cannot be written: the disk is full',
  )
})

test('a code without words keeps what the system says', () => {
  const error = Object.assign(new Error('EWEIRD: strange, open'), { code: 'EWEIRD', syscall: 'open', path: '/x' })
  assert.is(renderError(error), '==> Error: EWEIRD: strange, open')
})

test.run()
