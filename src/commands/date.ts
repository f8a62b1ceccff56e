// Points in time as users type them: `2026-11`, `2026-11-21 08:30`, `yesterday`, `2 weeks ago`.

import { SpackError } from '../ui/error.ts'

const daySeconds = 86_400

/** Lengths of periods as Spack counts them. */
const periodSeconds: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: daySeconds,
  week: 7 * daySeconds,
  month: 30 * daySeconds,
  year: 365 * daySeconds,
}

const calendar = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?)?)?$/
const ago = /^(an?|\d+)\s*(second|minute|hour|day|week|month|year)s?\s*ago$/

/** Seconds since the epoch; dates are local. Throws SpackError `date`. `nowSeconds` is what `ago` counts from. */
export function parseDate(text: string, nowSeconds: number = Date.now() / 1000): number {
  if (text === 'yesterday') return nowSeconds - daySeconds
  const relative = ago.exec(text)
  if (relative) {
    const [, count, period] = relative
    return nowSeconds - (count!.startsWith('a') ? 1 : Number(count)) * periodSeconds[period!]!
  }
  const absolute = calendar.exec(text)
  if (absolute) {
    const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = absolute
      .slice(1)
      .map((part) => part && Number(part))
    const date = new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
    const isReal = date.getMonth() === Number(month) - 1 && date.getDate() === Number(day)
    if (isReal) return date.getTime() / 1000
  }
  throw new SpackError('date', `\`${text}\` is no date`, {
    exitCode: 2,
    hint: 'write it like `2026-11-21`, `2026-11-21 08:30`, `yesterday` or `2 weeks ago`',
  })
}
