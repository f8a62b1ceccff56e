// `.spack/install_times.json`: how long what took, in the words of Spack.

import type { PlannedSpec } from './install-plan.ts'

type Phase = 'search' | 'extract' | 'relocate'

const phasePaths: Readonly<Record<Phase, string>> = {
  search: 'search',
  extract: 'install/extract',
  relocate: 'install/relocate',
}

/** Seconds since some moment. Not `performance.now()`, the first use of which loads a library for 1 ms. */
const clockS = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds + nanoseconds / 1e9
}

/** Seconds by phase; `lap` ends one and begins the next. */
export function stopwatch() {
  const startS = clockS()
  let lapS = startS
  const seconds = new Map<Phase, number>()
  return {
    lap(phase: Phase): void {
      const nowS = clockS()
      seconds.set(phase, (seconds.get(phase) ?? 0) + nowS - lapS)
      lapS = nowS
    },
    seconds: seconds as ReadonlyMap<Phase, number>,
    total: (): number => clockS() - startS,
  }
}

/** The text of the file for a spec that comes from a build cache. */
export function installTimes(spec: PlannedSpec, watch: ReturnType<typeof stopwatch>): string {
  const phases = [...watch.seconds].map(([name, seconds]) => ({ name, path: phasePaths[name], seconds, count: 1 }))
  return JSON.stringify({ total: watch.total(), phases, name: spec.name, cache: true, hash: spec.hash })
}
