// What is said when a build ends before its time: why, the last errors in its log, and how to get into it.

import { existsSync } from 'node:fs'
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
    // What comes up outside of all recipes is our own mistake.
    const isOurs = !cause.is_expected && cause.where === null
    const line = cause.line && `  in the recipe: ${cause.line}`
    const detail = [line, cause.detail, debug || isOurs ? cause.traceback : null, excerpt(place)]
      .filter(Boolean)
      .join('\n')
    return new SpackError('build-failed', `${shown} was not built: ${cause.message}`, {
      ...(cause.where ? { where: cause.where } : {}),
      ...(detail ? { detail } : {}),
      hint: howToEnter(place),
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
