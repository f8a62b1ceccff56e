// MAKEFLAGS: how make tells the programs below it about its jobs. What is read here are the jobs alone; everything else
// (-k, -i, variables) is the outer make's own affair and must not reach the makes of a build.
//
// Seen by a program that make 4.0, 4.2.1, 4.3 and 4.4.1 starts from a line with `+`:
//
//   ` -j --jobserver-fds=3,4`                          4.0
//   ` -j2 --jobserver-auth=3,4`                        4.2.1 and 4.3
//   ` -j2 --jobserver-auth=fifo:/tmp/GMfifo1234`       4.4.1
//   `kn -j2 --jobserver-auth=3,4 -- CFLAGS=-O\ -g`     one-letter flags first and without a dash, variables last
//   ` -j`                                              without a limit, and so without a jobserver

/** What MAKEFLAGS says about jobs: one at a time, as many as one likes, or tokens from a pipe or a named pipe. */
export type JobsAnnounced =
  | { kind: 'serial' }
  | { kind: 'unlimited' }
  | { kind: 'pipe'; read: number; write: number }
  | { kind: 'fifo'; path: string }

/** Reads the jobs of a MAKEFLAGS variable. Of several announcements the last counts, as in make itself. */
export function readMakeflags(makeflags: string | undefined): JobsAnnounced {
  let jobs: JobsAnnounced = { kind: 'serial' }
  for (const word of flagWords(makeflags ?? '')) {
    const auth = /^--jobserver-(?:auth|fds)=(.*)$/s.exec(word)
    if (auth) jobs = readAuth(auth[1]!) ?? jobs
    else if (word === '-j' && jobs.kind === 'serial') jobs = { kind: 'unlimited' }
  }
  return jobs
}

function readAuth(value: string): JobsAnnounced | undefined {
  const descriptors = /^(-?\d+),(-?\d+)$/.exec(value)
  if (!descriptors) return value.startsWith('fifo:') ? { kind: 'fifo', path: value.slice('fifo:'.length) } : undefined
  const [read, write] = [Number(descriptors[1]), Number(descriptors[2])]
  // Make 4.4 writes -2,-2 for a program that it does not connect.
  return read < 0 || write < 0 ? { kind: 'serial' } : { kind: 'pipe', read, write }
}

/** The flags, without the variables after `--`. A backslash keeps the next character, which may be a blank. */
function flagWords(makeflags: string): string[] {
  const words = [...makeflags.matchAll(/(?:\\.|[^\s\\])+/gs)].map(([word]) => word.replace(/\\(.)/gs, '$1'))
  const end = words.indexOf('--')
  const flags = end < 0 ? words : words.slice(0, end)
  // The first word may be letters of flags that have none of their own; it never says anything about jobs.
  return flags.filter((word) => word.startsWith('-'))
}

/** MAKEFLAGS that announces jobs and nothing else; empty for one job at a time. */
export function writeMakeflags(jobs: JobsAnnounced): string {
  switch (jobs.kind) {
    case 'serial':
      return ''
    case 'unlimited':
      return ' -j'
    case 'pipe': {
      const descriptors = `${jobs.read},${jobs.write}`
      // The first is what make knows before 4.2, the second what it knows since.
      return ` -j --jobserver-fds=${descriptors} --jobserver-auth=${descriptors}`
    }
    case 'fifo':
      return ` -j --jobserver-auth=fifo:${jobs.path}`
  }
}

/** Variables by which make talks to the programs below it. */
export const makeVariables = [
  'MAKEFLAGS',
  'MFLAGS',
  'GNUMAKEFLAGS',
  'MAKEOVERRIDES',
  'MAKELEVEL',
  'MAKE_RESTARTS',
  'MAKE_TERMOUT',
  'MAKE_TERMERR',
] as const
