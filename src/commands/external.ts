// `spack external`: software that is installed outside of the store.

import type { Command } from './command.ts'

const find: Command = {
  name: 'find',
  summary: 'add external packages to packages.yaml',
  description:
    'Looks on PATH, and where the dynamic linker looks, for what recipes say that installations look like. Without names and\n' +
    'tags those packages are looked for that are tagged `build-tools` or `core-packages`.',
  positional: '[package ...]',
  flags: [
    { name: 'all', help: 'search for all packages that Spack knows about' },
    { name: 'exclude', kind: 'list', value: 'PACKAGE', help: 'packages to exclude from search' },
    { name: 'not-buildable', help: "packages with detected externals won't be built with Spack" },
    { name: 'path', short: 'p', kind: 'list', value: 'FOLDER', help: 'search here instead of the usual places' },
    { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to modify' },
    {
      name: 'tag',
      short: 't',
      aliases: ['tags'],
      kind: 'list',
      value: 'TAG',
      help: 'search for packages with this tag',
    },
    { name: 'jobs', short: 'j', kind: 'integer', value: 'JOBS', help: 'how many packages to look for at once' },
  ],
  run: async (invocation, args) => (await import('./external-find.ts')).findExternals(invocation, args),
}

const list: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list detectable packages, by repository and name',
  run: async (invocation) => (await import('./external-find.ts')).listDetectable(invocation),
}

const readCrayManifest: Command = {
  name: 'read-cray-manifest',
  summary: 'consume a description of externally-installed packages, with what depends on what',
  flags: [
    { name: 'file', kind: 'string', value: 'FILE', help: 'specify a location other than the default' },
    { name: 'directory', kind: 'string', value: 'DIRECTORY', help: 'a folder with a group of manifest files' },
    { name: 'ignore-default-dir', help: 'ignore the default directory of manifest files' },
    { name: 'dry-run', help: "don't modify DB with files that are read" },
    { name: 'fail-on-error', help: 'if a manifest file cannot be parsed, fail' },
  ],
  run: async (invocation, args) => (await import('./external-manifest.ts')).readManifests(invocation, args),
}

export const external: Command = {
  name: 'external',
  summary: 'manage external packages in Spack configuration',
  subcommands: [find, list, readCrayManifest],
}
