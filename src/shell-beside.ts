// A shell that works beside this process. `posix_spawn` and `waitpid` are called directly: Node copies the tables of its whole
// memory to start a process and takes 1 ms to load what can, 4 ms in all; and who waits has nothing else to do.

import { constants } from 'node:os'
import { findFunction, loadKoffi } from './koffi.ts'

type Texts = readonly (string | null)[]
type Spawn = (pid: number[], path: string, actions: null, attributes: null, words: Texts, environ: Texts) => number
type Wait = (pid: number, status: number[], options: number) => number

const spawnDeclaration =
  'int posix_spawn(_Out_ int *pid, const char *path, void *, void *, const char **words, const char **environ)'

/**
 * Starts a script of /bin/sh, with words for `$1` and so on; it should give its input and output away. Returns what waits for
 * its end, and tells whether it was well; undefined where no shell can be started so.
 */
export function startShell(
  script: string,
  words: readonly string[],
  environ: Readonly<Record<string, string>>,
): (() => boolean) | undefined {
  const spawn = findFunction<Spawn>(spawnDeclaration)
  const wait = findFunction<Wait>('int waitpid(int pid, _Out_ int *status, int options)')
  if (!spawn || !wait) return undefined
  const pid = [0]
  const settings = Object.entries(environ).map(([name, value]) => `${name}=${value}`)
  const given = ['sh', '-c', script, 'sh', ...words, null]
  if (spawn(pid, '/bin/sh', null, null, given, [...settings, null]) !== 0) return undefined
  return () => {
    const status = [-1]
    // A signal may end the waiting.
    while (wait(pid[0]!, status, 0) === -1 && loadKoffi().koffi?.errno() === constants.errno.EINTR) {}
    return status[0] === 0
  }
}
