// A shell that works beside this process. `posix_spawn` and `waitpid` are called directly: Node copies the tables of its whole
// memory to start a process and takes 1 ms to load what can, 4 ms in all; and who waits has nothing else to do.

import { constants } from 'node:os'
import { loadKoffi } from './koffi.ts'

type Spawn = (pid: number[], path: string, actions: null, attributes: null, words: Texts, environ: Texts) => number
type Wait = (pid: number, status: number[], options: number) => number
type Texts = readonly (string | null)[]

interface Native {
  spawn: Spawn
  wait: Wait
  errno: () => number
}

/**
 * Starts a script of /bin/sh, with words for `$1` and so on; it should give its input and output away. Returns what waits for
 * its end, and tells whether it was well; undefined where no shell can be started so.
 */
export function startShell(
  script: string,
  words: readonly string[],
  environ: Readonly<Record<string, string>>,
): (() => boolean) | undefined {
  const native = loadNative()
  if (!native) return undefined
  const pid = [0]
  const settings = Object.entries(environ).map(([name, value]) => `${name}=${value}`)
  const failure = native.spawn(
    pid,
    '/bin/sh',
    null,
    null,
    ['sh', '-c', script, 'sh', ...words, null],
    [...settings, null],
  )
  return failure === 0 ? () => waitFor(native, pid[0]!) : undefined
}

function waitFor({ wait, errno }: Native, pid: number): boolean {
  const status = [-1]
  // A signal may end the waiting.
  while (wait(pid, status, 0) === -1 && errno() === constants.errno.EINTR) {}
  return status[0] === 0
}

function loadNative(): Native | undefined {
  const { koffi } = loadKoffi()
  if (!koffi) return undefined
  const library = koffi.load(null)
  return {
    spawn: library.func(
      'int posix_spawn(_Out_ int *pid, const char *path, void *, void *, const char **words, const char **environ)',
    ) as Spawn,
    wait: library.func('int waitpid(int pid, _Out_ int *status, int options)') as Wait,
    errno: koffi.errno,
  }
}
