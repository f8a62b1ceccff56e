// `spack commands`: the names of all commands, for people and for scripts.

import { type Command, flagOn, flagText } from './command.ts'
import { commandAliases, commands as registry } from './registry.ts'

export const commands: Command = {
  name: 'commands',
  summary: 'list available spack commands',
  flags: [
    { name: 'aliases', short: 'a', help: 'include command aliases' },
    {
      name: 'format',
      kind: 'string',
      choices: ['names', 'subcommands'],
      help: 'only commands (default), or with their subcommands, as they are typed',
    },
  ],
  run: async (invocation, args) => {
    const aliases = flagOn(args, 'aliases')
    const others = Object.keys(commandAliases).filter((alias) => registry[commandAliases[alias]!])
    const names = [...Object.keys(registry), ...(aliases ? others : [])].sort()
    const lines = flagText(args, 'format') === 'subcommands' ? await paths(names, aliases) : names
    invocation.print(lines.map((line) => `${line}\n`).join(''))
    return 0
  },
}

/** `spack env`, `spack env activate`, … */
async function paths(names: readonly string[], aliases: boolean): Promise<string[]> {
  const below = async (path: string, command: Command): Promise<string[]> => {
    const lines = [path]
    for (const sub of command.subcommands ?? []) {
      const inner = 'load' in sub ? await sub.load() : sub
      for (const name of [sub.name, ...((aliases && sub.aliases) || [])]) {
        lines.push(...(await below(`${path} ${name}`, inner)))
      }
    }
    return lines
  }
  const lines: string[] = []
  for (const name of names) {
    const { load } = registry[commandAliases[name] ?? name]!
    lines.push(...(await below(`spack ${name}`, await load())))
  }
  return lines
}
