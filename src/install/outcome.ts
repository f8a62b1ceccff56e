// The one line that a spec gets when all is well.

import { stdout } from '../ui/output.ts'
import { paint, wantsColour } from '../ui/terminal.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import type { InstallOutcome } from './install-spec.ts'
import { countPresent } from './progress.ts'

export interface LineOptions {
  environ: NodeJS.ProcessEnv
  /** `3/54`, when the caller counts. */
  progress: string | undefined
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
    case 'built':
      return `built (${outcome.seconds.toFixed(1)} s)`
    case 'spliced':
      return `spliced from ${spec.builtAs!.prefix} (${outcome.seconds.toFixed(1)} s)`
    case 'external':
      return `external${spec.prefix === null ? '' : ` in ${spec.prefix}`}`
    case 'upstream':
      return `upstream in ${spec.prefix}`
    case 'present':
      return 'is there already'
  }
}
