// The one line that a spec gets when all is well.

import { fstatSync, writeSync } from 'node:fs'
import { systemErrorCode } from '../ui/error.ts'
import { paint, wantsColour } from '../ui/terminal.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import type { InstallOutcome } from './install-spec.ts'
import { countPresent } from './progress.ts'

export interface LineOptions {
  environ: NodeJS.ProcessEnv
  /** `3/54`, when the caller counts. */
  progress: string | undefined
}

/**
 * Writes a line to stdout. At once and not through `process.stdout`, which costs 3 ms the first time; that is left to the case in which
 * the reader is slow.
 */
export function printLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`)
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(1, bytes, done)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'EAGAIN') process.stdout.write(bytes.subarray(done))
    else if (code !== 'EPIPE') throw error
  }
}

/** What tells whether there are colours; a terminal is a device, and only for devices the library that knows is loaded. */
const stdout = {
  get isTTY(): boolean {
    return fstatSync(1).isCharacterDevice() && process.stdout.isTTY
  },
}

/** `[3/54] bzip2@1.0.8 /ok2n7th from cache NAME (0.1 s)` */
export function outcomeLine(
  plan: StoredPlan,
  spec: PlannedSpec,
  outcome: InstallOutcome,
  options: LineOptions,
): string {
  const colour = wantsColour(undefined, options.environ, stdout)
  const count = options.progress ?? presentOf(plan)
  const name = `${paint(colour, 'boldGreen', spec.name)}${paint(colour, 'cyan', `@${spec.version}`)}`
  return `[${count}] ${name} ${paint(colour, 'dim', `/${spec.hash.slice(0, 7)}`)} ${story(spec, outcome)}`
}

function presentOf(plan: StoredPlan): string {
  const prefixes = plan.prefixes()
  return `${countPresent(prefixes)}/${prefixes.length}`
}

function story(spec: PlannedSpec, outcome: InstallOutcome): string {
  switch (outcome.kind) {
    case 'cached':
      return `from cache ${outcome.mirror} (${outcome.seconds.toFixed(1)} s)`
    case 'external':
      return `external${spec.prefix === null ? '' : ` in ${spec.prefix}`}`
    case 'upstream':
      return `upstream in ${spec.prefix}`
    case 'present':
      return 'is there already'
  }
}
