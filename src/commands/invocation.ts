// What every command is given: the global flags, the world outside the process, and configuration on demand.

import { stderr, stdout } from '../ui/output.ts'
import type { ColourMode } from '../ui/terminal.ts'
import { wantsColour } from '../ui/terminal.ts'

export interface GlobalOptions {
  /** `-e NAME|DIR` */
  environment?: string
  /** `-D DIR` */
  environmentDir?: string
  /** `-E`: run without the active environment. */
  noEnvironment: boolean
  /** `-C DIR|ENV`, weakest first. */
  configScopes: readonly string[]
  /** `-c section:key:value`, in order. */
  configSettings: readonly string[]
  colour?: ColourMode
  debug: boolean
  verbose: boolean
  /** `-k`: do not check certificates. */
  insecure: boolean
  /** `-l` / `-L`: use of locks, undefined as configured. */
  locks?: boolean
}

export interface Invocation {
  readonly options: GlobalOptions
  readonly environ: NodeJS.ProcessEnv
  readonly cwd: string
  /** Writes data to stdout, as it is. */
  readonly print: (text: string) => void
  /** Writes talk to stderr, as it is. */
  readonly say: (text: string) => void
  readonly stdoutHasColour: boolean
  /** Characters in a line of the terminal; undefined when stdout is none. */
  readonly stdoutWidth: number | undefined
  readonly stderrHasColour: boolean
}

/** An invocation in this process: real streams and the real environment. */
export function processInvocation(options: GlobalOptions): Invocation {
  return {
    options,
    environ: process.env,
    cwd: process.cwd(),
    print: stdout.write,
    say: stderr.write,
    stdoutWidth: stdout.isTTY ? Number(process.env.COLUMNS) || stdout.columns || 80 : undefined,
    stdoutHasColour: wantsColour(options.colour, process.env, stdout),
    stderrHasColour: wantsColour(options.colour, process.env, stderr),
  }
}
