// `spack config`: what the settings are, where they come from, and changing them.

import { sectionNames } from '../config/sections.ts'
import type { Command } from './command.ts'
import { blameConfig, getConfig } from './config-show.ts'

const yesFlag = { name: 'yes-to-all', short: 'y', help: 'assume "yes" is the answer to every confirmation request' }

export const config: Command = {
  name: 'config',
  summary: 'get and set configuration options',
  sharedFlags: [{ name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to read/modify' }],
  subcommands: [
    {
      name: 'get',
      summary: 'print configuration values',
      positional: '[section]',
      flags: [{ name: 'json', help: 'output configuration as JSON' }],
      run: getConfig,
    },
    {
      name: 'blame',
      summary: 'print configuration annotated with source file:line',
      positional: '[section]',
      run: blameConfig,
    },
    {
      name: 'edit',
      summary: 'edit configuration file',
      positional: '[section]',
      flags: [{ name: 'print-file', help: 'print the file name that would be edited' }],
      run: async (invocation, args) => await (await import('./config-edit.ts')).editConfig(invocation, args),
    },
    {
      name: 'list',
      summary: 'list configuration sections',
      run: ({ print }) => {
        print(`${sectionNames.join(' ')}\n`)
        return 0
      },
    },
    {
      name: 'scopes',
      summary: 'list defined scopes in descending order of precedence',
      positional: '[section]',
      flags: [
        { name: 'paths', short: 'p', help: 'show associated paths for appropriate scopes' },
        {
          name: 'type',
          short: 't',
          kind: 'list',
          value: 'TYPE',
          choices: ['all', 'env', 'include', 'internal', 'path'],
          help: 'list only scopes of the specified type(s)',
        },
        { name: 'verbose', short: 'v', help: 'show scope types and whether scopes are overridden' },
      ],
      run: async (invocation, args) => await (await import('./config-scopes.ts')).listScopes(invocation, args),
    },
    {
      name: 'add',
      summary: 'add configuration parameters',
      positional: '[path]',
      description: "add configuration parameters, e.g. 'config:build_jobs:8'",
      flags: [
        { name: 'file', short: 'f', kind: 'string', value: 'FILE', help: 'file from which to set all config values' },
      ],
      run: async (invocation, args) => await (await import('./config-change.ts')).addConfig(invocation, args),
    },
    {
      name: 'remove',
      aliases: ['rm'],
      summary: 'remove configuration parameters',
      positional: 'path',
      description: "remove configuration parameters, e.g. 'config:build_jobs'",
      run: async (invocation, args) => await (await import('./config-change.ts')).removeConfig(invocation, args),
    },
    {
      name: 'update',
      summary: 'update configuration files to the latest format',
      positional: 'section',
      flags: [yesFlag],
      run: async (invocation, args) => await (await import('./config-legacy.ts')).updateConfig(invocation, args),
    },
    {
      name: 'revert',
      summary: 'revert configuration files to their state before update',
      positional: 'section',
      flags: [yesFlag],
      run: async (invocation, args) => await (await import('./config-legacy.ts')).revertConfig(invocation, args),
    },
  ],
}
