// `.spack/install_times.json`: how long what took, in the words of Spack.

import { clockMs } from '../clock.ts'
import type { PlannedSpec } from './install-plan.ts'

type Phase = 'search' | 'extract' | 'relocate'

const phasePaths: Readonly<Record<Phase, string>> = {
  search: 'search',
  extract: 'install/extract',
  relocate: 'install/relocate',
}

/** Seconds by phase; `lap` ends one and begins the next. */
export function stopwatch() {
  const startMs = clockMs()
  let lapMs = startMs
  const seconds = new Map<Phase, number>()
  return {
    lap(phase: Phase): void {
      const nowMs = clockMs()
      seconds.set(phase, (seconds.get(phase) ?? 0) + (nowMs - lapMs) / 1000)
      lapMs = nowMs
    },
    seconds: seconds as ReadonlyMap<Phase, number>,
    total: (): number => (clockMs() - startMs) / 1000,
  }
}

/** The text of the file for a spec that comes from a build cache. */
export function installTimes(spec: PlannedSpec, watch: ReturnType<typeof stopwatch>): string {
  const phases = [...watch.seconds].map(([name, seconds]) => ({ name, path: phasePaths[name], seconds, count: 1 }))
  return JSON.stringify({ total: watch.total(), phases, name: spec.name, cache: true, hash: spec.hash })
}
