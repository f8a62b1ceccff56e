// `spack compiler`: the compilers that are configured, and those on the machine. `spack compilers` is `compiler list`.

import type { Command, Flag } from './command.ts'

const readScope: Flag = { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to read from' }
const changeScope: Flag = { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to modify' }
const remote: Flag = { name: 'remote', help: 'list also compilers from registered buildcaches' }

const find: Command = {
  name: 'find',
  aliases: ['add'],
  summary: 'search the system for compilers to add to Spack configuration',
  positional: '[folder ...]',
  flags: [
    changeScope,
    { name: 'jobs', short: 'j', kind: 'integer', value: 'JOBS', help: 'how many packages to look for at once' },
  ],
  run: async (invocation, args) => (await import('./compiler-change.ts')).findNewCompilers(invocation, args),
}

const remove: Command = {
  name: 'remove',
  aliases: ['rm'],
  summary: 'remove compiler by spec',
  positional: 'compiler',
  flags: [changeScope, { name: 'all', short: 'a', help: 'remove ALL compilers that match spec' }],
  run: async (invocation, args) => (await import('./compiler-change.ts')).removeCompilers(invocation, args),
}

const list: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list available compilers',
  flags: [readScope, remote],
  run: async (invocation, args) => (await import('./compiler-show.ts')).listCompilers(invocation, args),
}

const info: Command = {
  name: 'info',
  summary: 'show compiler paths',
  positional: 'compiler',
  flags: [readScope, remote],
  run: async (invocation, args) => (await import('./compiler-show.ts')).showCompilers(invocation, args),
}

export const compiler: Command = {
  name: 'compiler',
  summary: 'manage compilers',
  subcommands: [find, info, list, remove],
}

export const compilers: Command = { ...list, name: 'compilers', aliases: [] }
