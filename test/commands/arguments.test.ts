import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../src/commands/arguments.ts'
import type { Flag } from '../../src/commands/command.ts'

const test = suite('arguments')

const flags: Flag[] = [
  { name: 'long', short: 'l', help: '' },
  { name: 'very-long', short: 'L', help: '' },
  { name: 'jobs', short: 'j', kind: 'integer', help: '' },
  { name: 'output', short: 'o', kind: 'string', help: '' },
  { name: 'config', short: 'c', kind: 'list', help: '' },
  { name: 'verbose', short: 'v', kind: 'count', help: '' },
  { name: 'cover', kind: 'string', choices: ['nodes', 'edges'], help: '' },
]
const parse = (...argv: string[]) => parseArguments(argv, flags, { path: 'spack find' })

test('short flags join, and their values may follow at once', () => {
  const args = parse('-lL', '-j64', '-vv', '-v', 'zlib')
  assert.is(args.flags.long, true)
  assert.is(args.flags['very-long'], true)
  assert.is(args.flags.jobs, 64)
  assert.is(args.flags.verbose, 3)
  assert.equal(args.positional, ['zlib'])
})

test('values keep their text, also when they start with a dash', () => {
  const args = parse('--output', '-', '-c', 'a:b=c', '-c=x', '--config=y:z', '0123')
  assert.is(args.flags.output, '-')
  assert.equal(args.flags.config, ['a:b=c', 'x', 'y:z'])
  assert.equal(args.positional, ['0123'])
})

test('what counts is neither a value nor what stands after the first other word', () => {
  assert.is(parse('-lvc=v', '-cvv', '-ov').flags.verbose, 1)
  const global = parseArguments(['-v', 'env', 'create', '-v', '--verbose'], flags, { path: 'spack', stopEarly: true })
  assert.is(global.flags.verbose, 1)
  assert.equal(global.positional, ['env', 'create', '-v', '--verbose'])
})

test('long flags may be shortened while unambiguous', () => {
  assert.is(parse('--out', 'x').flags.output, 'x')
  assert.throws(() => parse('--ver'), /ambiguous/)
  assert.throws(
    () => parse('--ver'),
    (error: { exitCode: number }) => error.exitCode === 2,
  )
})

test('what is unknown, missing or out of range is refused', () => {
  assert.throws(
    () => parse('--lnog'),
    (error: { hint: string }) => error.hint.includes('--long'),
  )
  assert.throws(() => parse('-x'), /unknown flag/)
  assert.throws(() => parse('--jobs'), /needs a value/)
  assert.throws(() => parse('--jobs', 'many'), /whole number/)
  assert.throws(() => parse('--cover', 'node'), /one of nodes, edges/)
  assert.throws(() => parse('--long=yes'), /takes no value/)
})

test('a flag that begins with no- is a flag of its own', () => {
  const both: Flag[] = [
    { name: 'groups', help: '' },
    { name: 'no-groups', help: '' },
  ]
  const args = parseArguments(['--no-groups'], both, { path: 'spack find' })
  assert.equal(args.flags, { groups: false, 'no-groups': true })
})

test('words after -- are kept apart', () => {
  const args = parse('-l', '--', '-L', 'x')
  assert.is(args.flags['very-long'], false)
  assert.equal(args.rest, ['-L', 'x'])
})

test.run()
