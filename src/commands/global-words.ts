// The global flags that change settings, as words of a command line: for programs that are started to do a part of the work.

import type { GlobalOptions } from './invocation.ts'

/** Those flags, in front of a command's name; none when all settings come from files. */
export function globalWords({ configScopes, configSettings, insecure, locks }: GlobalOptions): string[] {
  return [
    ...configScopes.flatMap((scope) => ['-C', scope]),
    ...configSettings.flatMap((setting) => ['-c', setting]),
    ...(insecure ? ['-k'] : []),
    ...(locks === undefined ? [] : [locks ? '-l' : '-L']),
  ]
}
