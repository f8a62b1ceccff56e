// Concretizing as a user meets it: a process for each golden request of the kit, with a warm recipe index, against the seconds
// that the kit recorded for the reference.
//
// It needs the repository that the goldens were made from, in SPACKMAKE_BUILTIN_REPO. The recorded seconds are another
// machine's: SPACKMAKE_REFERENCE names a `spack` of the reference, which then concretizes one golden here to tell how
// much slower this machine is; or SPACKMAKE_CALIBRATION gives that factor.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isolated, runProgram, runSpack, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kit } from '../support/shared.ts'
import { type Figure, measure } from './measure.ts'

interface Golden {
  input: string
  seconds: number
}

export const readGoldens = (): Golden[] => JSON.parse(readFileSync(kit('concretize', 'index.json'), 'utf8')) as Golden[]

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

const runs = 3
export const words = (input: string): string[] => ['-C', kit('concretize', 'config'), 'spec', '--fresh', input]

/** The goldens, each in processes of its own; how many times faster than recorded, and what they need of memory. */
export function concretizeColdly(): string[] {
  const repository = process.env.SPACKMAKE_BUILTIN_REPO
  if (!repository)
    return ['concretize in cold processes: not measured, since SPACKMAKE_BUILTIN_REPO names no repository']
  const env = worldWith(repository)
  const warming = runSpack(words('zlib'), { env, timeoutMs: 600_000 })
  if (warming.code !== 0) throw new Error(`spack spec zlib: ${warming.stderr}`)
  const goldens = readGoldens()
  const figures = goldens.map(({ input, seconds }) => {
    const figure = measure({ command: [process.execPath, spackProgram, ...words(input)], env, runs })
    return { input, figure, ratio: seconds / figure.medianS }
  })
  const factor = calibration(goldens)
  const lines = [
    `concretize ${figures.length} goldens in cold processes: ${ratios(figures, 1)} of the recorded seconds (budget 100×, 30×)`,
  ]
  if (factor !== 1)
    lines.push(`  with the recorded seconds × ${factor.toFixed(2)} for this machine: ${ratios(figures, factor)}`)
  const below = figures.filter(({ ratio }) => ratio * factor < 100).length
  const peak = Math.max(...figures.map(({ figure }) => figure.peakMiB))
  const wall = median(figures.map(({ figure }) => figure.medianS))
  lines.push(
    `  the median takes ${(wall * 1000).toFixed(0)} ms; ${below} are below 100×; peak memory ${peak.toFixed(0)} MiB (budget 400)`,
  )
  return lines
}

function ratios(figures: readonly { input: string; figure: Figure; ratio: number }[], factor: number): string {
  const slowest = figures.reduce((a, b) => (a.ratio < b.ratio ? a : b))
  const middle = median(figures.map(({ ratio }) => ratio)) * factor
  return `median ${middle.toFixed(0)}×, least ${(slowest.ratio * factor).toFixed(0)}× (${slowest.input})`
}

/** A world in which a folder is the builtin repository. */
export function worldWith(repository: string): NodeJS.ProcessEnv {
  const home = scratch()
  const env = isolated(home)
  mkdirSync(join(home, 'user-config'))
  writeFileSync(join(home, 'user-config/repos.yaml'), `repos:\n  builtin: ${repository}\n`)
  return env
}

/** How much slower this machine is than that on which the seconds were taken. */
function calibration(goldens: readonly Golden[]): number {
  const reference = process.env.SPACKMAKE_REFERENCE
  if (!reference) return Number(process.env.SPACKMAKE_CALIBRATION ?? 1)
  const { input, seconds } = goldens[0]!
  const startMs = performance.now()
  const done = runProgram(reference, words(input), { timeoutMs: 600_000 })
  if (done.code !== 0) throw new Error(`${reference} spec ${input}: ${done.stderr}`)
  return (performance.now() - startMs) / 1000 / seconds
}
