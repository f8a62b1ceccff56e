// All commands, by name. A command's file is read only when it is called: start-up must not grow with their number.

import type { Command } from './command.ts'

export interface CommandEntry {
  summary: string
  load: () => Promise<Command>
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  add: { summary: 'add a spec to an environment', load: async () => (await import('./add.ts')).add },
  arch: {
    summary: 'print architecture information about this machine',
    load: async () => (await import('./arch.ts')).arch,
  },
  audit: {
    summary: 'audit configuration files, packages, etc.',
    load: async () => (await import('./audit.ts')).audit,
  },
  'build-env': {
    summary: 'dump the install environment for a spec, or run a command in that environment',
    load: async () => (await import('./build-env.ts')).buildEnv,
  },
  buildcache: {
    summary: 'list binary packages of mirrors, and their keys',
    load: async () => (await import('./buildcache.ts')).buildcache,
  },
  cd: { summary: 'cd to spack directories in the shell', load: async () => (await import('./cd.ts')).cd },
  checksum: {
    summary: 'checksum available versions of a package',
    load: async () => (await import('./checksum.ts')).checksum,
  },
  clean: {
    summary: 'remove temporary build files and/or downloaded archives',
    load: async () => (await import('./clean.ts')).clean,
  },
  change: {
    summary: 'change an existing spec in an environment',
    load: async () => (await import('./change.ts')).change,
  },
  compiler: { summary: 'manage compilers', load: async () => (await import('./compiler.ts')).compiler },
  compilers: { summary: 'list available compilers', load: async () => (await import('./compiler.ts')).compilers },
  concretize: {
    summary: 'concretize an environment and write a lockfile',
    load: async () => (await import('./concretize.ts')).concretize,
  },
  config: {
    summary: 'get and set configuration options',
    load: async () => (await import('./config.ts')).config,
  },
  create: {
    summary: 'create a new package file',
    load: async () => (await import('./create.ts')).create,
  },
  dependencies: {
    summary: 'show dependencies of a package',
    load: async () => (await import('./dependencies.ts')).dependencies,
  },
  dependents: {
    summary: 'show packages that depend on another',
    load: async () => (await import('./dependents.ts')).dependents,
  },
  diff: { summary: 'compare two specs', load: async () => (await import('./diff.ts')).diff },
  edit: {
    summary: 'open package files in `$EDITOR`',
    load: async () => (await import('./edit.ts')).edit,
  },
  env: { summary: 'manage environments', load: async () => (await import('./env.ts')).env },
  external: {
    summary: 'manage external packages in Spack configuration',
    load: async () => (await import('./external.ts')).external,
  },
  fetch: { summary: 'fetch archives for packages', load: async () => (await import('./fetch.ts')).fetch },
  find: { summary: 'list and search installed packages', load: async () => (await import('./find.ts')).find },
  gc: { summary: 'remove specs that are now no longer needed', load: async () => (await import('./gc.ts')).gc },
  gpg: { summary: 'handle GPG actions for spack', load: async () => (await import('./gpg.ts')).gpg },
  graph: {
    summary: 'generate graphs of package dependency relationships',
    load: async () => (await import('./graph.ts')).graph,
  },
  info: {
    summary: 'get detailed information on a particular package',
    load: async () => (await import('./info.ts')).info,
  },
  install: {
    summary: 'build and install packages',
    load: async () => (await import('./install.ts')).install,
  },
  list: {
    summary: 'list and search available packages',
    load: async () => (await import('./list.ts')).list,
  },
  load: { summary: 'add package to the user environment', load: async () => (await import('./load.ts')).load },
  location: {
    summary: 'print out locations of packages and spack directories',
    load: async () => (await import('./location.ts')).location,
  },
  maintainers: {
    summary: 'get information about package maintainers',
    load: async () => (await import('./maintainers.ts')).maintainers,
  },
  mark: {
    summary: 'mark packages as explicitly or implicitly installed',
    load: async () => (await import('./mark.ts')).mark,
  },
  mirror: {
    summary: 'manage mirrors (source and binary)',
    load: async () => (await import('./mirror.ts')).mirror,
  },
  patch: {
    summary: 'patch expanded sources in preparation for install',
    load: async () => (await import('./patch.ts')).patch,
  },
  pkg: {
    summary: 'query packages associated with particular git revisions',
    load: async () => (await import('./pkg.ts')).pkg,
  },
  providers: {
    summary: 'list packages that provide a particular virtual package',
    load: async () => (await import('./providers.ts')).providers,
  },
  reindex: {
    summary: "rebuild Spack's package database",
    load: async () => (await import('./reindex.ts')).reindex,
  },
  remove: { summary: 'remove specs from an environment', load: async () => (await import('./remove.ts')).remove },
  repo: { summary: 'manage package repositories', load: async () => (await import('./repo.ts')).repo },
  restage: {
    summary: 'revert checked out package source code',
    load: async () => (await import('./restage.ts')).restage,
  },
  solve: {
    summary: 'concretize specs and show what decided',
    load: async () => (await import('./solve.ts')).solve,
  },
  spec: {
    summary: 'show what would be installed, given a spec',
    load: async () => (await import('./spec.ts')).spec,
  },
  stage: {
    summary: 'expand downloaded archive in preparation for install',
    load: async () => (await import('./stage.ts')).stage,
  },
  tags: {
    summary: 'show package tags and associated packages',
    load: async () => (await import('./tags.ts')).tags,
  },
  uninstall: { summary: 'remove installed packages', load: async () => (await import('./uninstall.ts')).uninstall },
  unload: {
    summary: 'remove package from the user environment',
    load: async () => (await import('./load.ts')).unload,
  },
  versions: {
    summary: 'list available versions of a package',
    load: async () => (await import('./versions.ts')).versions,
  },
  verify: { summary: 'verify spack installations on disk', load: async () => (await import('./verify.ts')).verify },
  why: {
    summary: 'tell why a package, version or variant was chosen, and what another one would cost',
    load: async () => (await import('./why.ts')).why,
  },
}

/** Other names for a command. */
export const commandAliases: Readonly<Record<string, string>> = {
  concretise: 'concretize',
  containerise: 'containerize',
  rm: 'remove',
}
