// How long a key lives, as GnuPG lets people say it.

import { SpackError } from '../ui/error.ts'

const dayS = 86_400
const unitDays: Readonly<Record<string, number>> = { '': 1, d: 1, w: 7, m: 30, y: 365 }

/**
 * Seconds from `nowMs` until a key expires; 0 for never. `text` is `0`, a number of days, weeks (`8w`), months (`6m`) or
 * years (`2y`), `seconds=N`, or a date (`2027-01-31`, then at noon UTC). Throws SpackError `usage`.
 */
export function lifeSeconds(text: string, nowMs: number): number {
  const [, count, unit] = /^(\d+)([dwmy]?)$/.exec(text) ?? []
  if (count !== undefined) return Number(count) * unitDays[unit ?? '']! * dayS
  const seconds = /^seconds=(\d+)$/.exec(text)?.[1]
  if (seconds !== undefined) return Number(seconds)
  const [, year, month, day, time] = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d{6}))?$/.exec(text) ?? []
  const clock = (time ?? '120000').replace(/(..)(..)(..)/, '$1:$2:$3')
  const end = Date.parse(`${year}-${month}-${day}T${clock}Z`)
  if (end > nowMs) return Math.round((end - nowMs) / 1000)
  const reason = Number.isNaN(end) ? 'is no date or time' : 'is in the past'
  throw new SpackError('usage', `\`${text}\` ${reason}`, {
    exitCode: 2,
    hint: 'a key expires after 30 (days), 8w, 6m or 2y, on a date such as 2030-01-31, or never: 0',
  })
}
