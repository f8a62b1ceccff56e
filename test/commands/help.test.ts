import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandHelp } from '../../src/commands/help.ts'
import { commands } from '../../src/commands/registry.ts'

const test = suite('help')

test('help has the usage, a description and all flags, in lines that fit', async () => {
  for (const [name, { load }] of Object.entries(commands)) {
    const command = await load()
    for (const width of [80, 50]) {
      const lines = commandHelp(command, `spack ${name}`, width).split('\n')
      assert.match(lines[0]!, `usage: spack ${name}`)
      const tooLong = lines.filter((line) => line.length > width && line.trim().includes(' '))
      // A flag with its value is one thing.
      assert.equal(
        tooLong.filter((line) => !/^\s*(\[?-|usage:)/.test(line)),
        [],
        `${name} at ${width}`,
      )
      for (const flag of command.flags ?? []) assert.ok(lines.some((line) => line.includes(`--${flag.name}`)))
    }
  }
})

test('explanations stand in a column of their own', () => {
  const command = {
    name: 'x',
    summary: 'does it',
    positional: 'spec',
    flags: [
      { name: 'all', short: 'a', help: 'takes every one of them there is, also those that nobody asked for at all' },
      { name: 'a-rather-long-name', kind: 'string' as const, value: 'FILE', help: 'where' },
    ],
  }
  assert.is(
    commandHelp(command, 'spack x', 60),
    `usage: spack x [-h] [-a] [--a-rather-long-name FILE] spec

does it

options:
  -h, --help            show this help message and exit
  -a, --all             takes every one of them there is,
                        also those that nobody asked for at
                        all
  --a-rather-long-name FILE
                        where`,
  )
})

test.run()
