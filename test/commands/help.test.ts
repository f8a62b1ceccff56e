import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../src/commands/arguments.ts'
import type { Command } from '../../src/commands/command.ts'
import { commandHelp } from '../../src/commands/help.ts'
import { examplesOf, explainedCommands, explainedWords } from '../../src/commands/help-texts.ts'
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

positional arguments:
  spec                  a package with constraints, such as
                        \`hdf5@1.14+mpi %gcc\`

options:
  -h, --help            show this help message and exit
  -a, --all             takes every one of them there is,
                        also those that nobody asked for at
                        all
  --a-rather-long-name FILE
                        where`,
  )
})

/** All commands and their subcommands, by path: `env create`. */
async function allCommands(): Promise<Map<string, Command>> {
  const all = new Map<string, Command>()
  const collect = async (path: string, command: Command): Promise<void> => {
    all.set(path, command)
    for (const sub of command.subcommands ?? []) {
      await collect(`${path} ${sub.name}`, 'load' in sub ? await sub.load() : sub)
    }
  }
  for (const [name, { load }] of Object.entries(commands)) await collect(name, await load())
  return all
}

test('each word of a usage line is explained', async () => {
  const all = await allCommands()
  for (const [path, { positional, takesAnything }] of all) {
    if (!positional || takesAnything) continue
    const words = positional.split(/[\s[\]|]+/).filter((word) => word && !['...', '--'].includes(word))
    const explained = explainedWords(path, positional).map(([word]) => word)
    assert.equal(explained, [...new Set(words)], path)
    const lines = commandHelp(all.get(path)!, `spack ${path}`, 80).split('\n')
    for (const word of explained)
      assert.ok(
        lines.some((line) => line.startsWith(`  ${word}`)),
        path,
      )
  }
  for (const path of explainedCommands()) assert.ok(all.has(path), path)
})

test('examples can be typed as they stand', async () => {
  for (const [path, command] of await allCommands()) {
    for (const [example] of examplesOf(path)) {
      const words = example
        .replace(/^eval "\$\((.*)\)"$/, '$1')
        .replace(/^spack (-e \S+ )?/, '')
        .split(' ')
      assert.is(words.slice(0, path.split(' ').length).join(' '), path, example)
      const rest = words.slice(path.split(' ').length)
      if (command.subcommands) continue
      parseArguments(rest, command.flags ?? [], { path })
    }
  }
})

test.run()
