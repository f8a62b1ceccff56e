// What is said when a build ends before its time: why, the last errors in its log, and how to get into it.

import { existsSync, statfsSync } from 'node:fs'
import type { GuestEnd } from '../recipes/build-guest.ts'
import type { GuestFailure } from '../recipes/build-protocol.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { findErrors, printExcerpts } from './build-log.ts'
import type { PlannedSpec } from './install-plan.ts'

export interface BuildPlace {
  planned: PlannedSpec
  stagePath: string
  log: string
  environmentDir: string
}

/** The error for a build that failed; `cause` is what the guest said of it, or how the guest itself ended. */
export function buildFailure(place: BuildPlace, cause: GuestFailure | unknown, debug = false): unknown {
  const { planned } = place
  const shown = `\`${planned.name}@${planned.version} /${planned.hash.slice(0, 7)}\``
  if (isGuestFailure(cause)) {
    const log = excerpt(place)
    const room = roomNeeded(place, `${cause.message}\n${log}`)
    // What comes up outside of all recipes is our own mistake, unless the disk is full.
    const isOurs = !cause.is_expected && cause.where === null && !room
    const line = cause.line && `  in the recipe: ${cause.line}`
    const command = cause.detail && indented(cause.detail)
    const detail = [line, command, debug || isOurs ? cause.traceback : null, log].filter(Boolean).join('\n')
    return new SpackError('build-failed', `${shown} was not built: ${cause.message}`, {
      ...(cause.where ? { where: cause.where } : {}),
      ...(detail ? { detail } : {}),
      hint: `${room}${howToEnter(place)}`,
    })
  }
  if (!(cause instanceof SpackError) || cause.code !== 'guest-ended') return cause
  return new SpackError('build-failed', `${shown} was not built: ${cause.message}`, {
    detail: excerpt(place),
    hint: `${cause.hint}\n${howToEnter(place)}`,
    cause,
  })
}

const isGuestFailure = (cause: unknown): cause is GuestFailure =>
  typeof cause === 'object' && cause !== null && 'is_expected' in cause

/** The end that `--until` or `--stop-at` asked for. It is no failure of the package, and it is not installed either. */
export function stoppedBuild(place: BuildPlace, { where, phase }: Extract<GuestEnd, { kind: 'stopped' }>): SpackError {
  const { name, version, hash } = place.planned
  return new SpackError('build-stopped', `\`${name}@${version} /${hash.slice(0, 7)}\` stopped ${where} \`${phase}\``, {
    hint: howToEnter(place),
  })
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ')

const fullDisk = /No space left on device|Disk quota exceeded/
const almostNothingBytes = 4 << 20

/** A line about a full disk, if that is what a failure is about. */
function roomNeeded({ planned, stagePath }: BuildPlace, said: string): string {
  if (!fullDisk.test(said)) return ''
  const folders = [stagePath, planned.prefix].filter((path): path is string => typeof path === 'string')
  const full = folders.filter((path) => freeBytes(path) < almostNothingBytes)
  // A quota shows in no figure of the disk, and something else may have been written to.
  const names = (full.length > 0 ? full : folders).map((path) => `\`${path}\``).join(' or ')
  return `make room on the disk of ${names}: \`spack clean --stage\`, \`spack gc\`, or other folders (\`config:build_stage\`)\n`
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return Number.POSITIVE_INFINITY
  }
}

function excerpt({ log }: BuildPlace): string {
  try {
    const errors = findErrors(log)
    return errors.length ? `${printExcerpts(errors)}\n  (of the log ${log})` : ''
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return ''
  }
}

function howToEnter({ planned, environmentDir, log, stagePath }: BuildPlace): string {
  const spec = `/${planned.hash.slice(0, 7)}`
  const lines = [
    `look into the stage:  cd ${stagePath}`,
    `enter the build with: spack -e ${environmentDir} build-env ${spec} -- bash`,
  ]
  return [...(existsSync(log) ? [`read the log:         ${log}`] : []), ...lines].join('\n')
}
