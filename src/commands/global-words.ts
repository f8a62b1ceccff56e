// The global flags that change settings, as words of a command line: for programs that are started to do a part of the work.

import type { GlobalOptions, Invocation } from './invocation.ts'

/** Those flags, in front of a command's name; none when all settings come from files. */
export function globalWords({ configScopes, configSettings, insecure, locks }: GlobalOptions): string[] {
  return [
    ...configScopes.flatMap((scope) => ['-C', scope]),
    ...configSettings.flatMap((setting) => ['-c', setting]),
    ...(insecure ? ['-k'] : []),
    ...(locks === undefined ? [] : [locks ? '-l' : '-L']),
  ]
}

/** What tells apart command lines with other settings: paths in flags may be relative. Empty when all settings come from files. */
export function settingsKey({ options, cwd }: Invocation): string[] {
  const words = globalWords(options)
  return words.length > 0 ? [cwd, ...words] : []
}
