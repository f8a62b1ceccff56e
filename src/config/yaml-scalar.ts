// What an unquoted YAML scalar means. Spack reads YAML 1.2 with a few leftovers of 1.1 (dates, underscores in numbers,
// leading zeros) and 1.1 itself when a `%YAML 1.1` line asks for it.

import type { ConfigScalar } from './node.ts'

type Meaning = Pick<ConfigScalar, 'value' | 'isDate'>
type Rule = readonly [pattern: RegExp, meaning: (text: string) => Meaning]

const plain = (value: ConfigScalar['value']): Meaning => ({ value })
const digits = (text: string): string => text.replaceAll('_', '')

/** A whole number in some base, with a sign in front and underscores anywhere. */
function whole(text: string, base: number, prefix: number): Meaning {
  const sign = text.startsWith('-') ? -1 : 1
  const magnitude = Number.parseInt(digits(text.replace(/^[-+]/, '').slice(prefix)), base)
  return plain(magnitude === 0 ? 0 : sign * magnitude)
}

/** 1:30:00 is 5400 in YAML 1.1. */
function sexagesimal(text: string): Meaning {
  const sign = text.startsWith('-') ? -1 : 1
  const parts = digits(text.replace(/^[-+]/, '')).split(':')
  return plain(sign * parts.reduce((sum, part) => sum * 60 + Number(part), 0))
}

function infinite(text: string): Meaning {
  if (/nan/i.test(text)) return plain(Number.NaN)
  return plain(text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
}

const isoDate = /^(\d{4})-(\d\d)-(\d\d)$/
const timestamp =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?)?$/

/** The first rule whose pattern fits gives the meaning; what fits none is text. */
const common: readonly Rule[] = [
  [/^(?:~|null|Null|NULL|)$/, () => plain(null)],
  [/^(?:true|True|TRUE)$/, () => plain(true)],
  [/^(?:false|False|FALSE)$/, () => plain(false)],
  [/^[-+]?0b[01_]+$/, (text) => whole(text, 2, 2)],
  [/^[-+]?0x[\da-fA-F_]+$/, (text) => whole(text, 16, 2)],
  [/^[-+]?(?:\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|\.[\d_]+(?:[eE][-+]\d+)?)$/, (text) => plain(Number(digits(text)))],
  [/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/, infinite],
  [isoDate, (text) => ({ value: checkedDate(text, isoDate.exec(text)!), isDate: true })],
  [timestamp, (text) => ({ value: utcTime(timestamp.exec(text)!), isDate: true })],
]

const rules12: readonly Rule[] = [
  ...common,
  [/^[-+]?0o[0-7_]+$/, (text) => whole(text, 8, 2)],
  [/^[-+]?\d[\d_]*$/, (text) => whole(text, 10, 0)],
  [/^[-+]?\d[\d_]*[eE][-+]?\d+$/, (text) => plain(Number(digits(text)))],
]

const rules11: readonly Rule[] = [
  ...common,
  [/^(?:yes|Yes|YES|on|On|ON)$/, () => plain(true)],
  [/^(?:no|No|NO|off|Off|OFF)$/, () => plain(false)],
  [/^[-+]?0o?[0-7_]+$/, (text) => whole(text.replace('o', ''), 8, 1)],
  [/^[-+]?(?:0|[1-9][\d_]*)$/, (text) => whole(text, 10, 0)],
  [/^[-+]?[1-9][\d_]*(?::[0-5]?\d)+$/, sexagesimal],
]

export type YamlVersion = '1.1' | '1.2'

/** Reads an unquoted scalar. Throws a RangeError for a date that no calendar has. */
export function resolvePlain(text: string, version: YamlVersion): Meaning & { spelling?: string } {
  // Most values are words: one look at the first letter spares them the rules.
  if (!/^[-+.~\d]|^(?:[nN]ull|NULL|[tT]rue|TRUE|[fF]alse|FALSE|[yY]es|YES|[nN]o|NO|[oO][nN]|[oO]ff|OFF|)$/.test(text)) {
    return plain(text)
  }
  for (const [pattern, meaning] of version === '1.1' ? rules11 : rules12) {
    if (!pattern.test(text)) continue
    const found = meaning(text)
    return typeof found.value === 'number' && String(found.value) !== text ? { ...found, spelling: text } : found
  }
  return plain(text)
}

function checkedDate(text: string, parts: RegExpExecArray): string {
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number]
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw new RangeError(`there is no day \`${text}\``)
  return text
}

/** A time as Python's `isoformat` writes it, in UTC and without saying so. */
function utcTime(parts: RegExpExecArray): string {
  const [, year, month, day, hour = '', minute, second, fraction = '', , sign, offsetHours, offsetMinutes] = parts
  const date = checkedDate([year, month!.padStart(2, '0'), day!.padStart(2, '0')].join('-'), parts)
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new RangeError(`there is no time \`${parts[0]}\``)
  const shiftMinutes = (sign === '-' ? 1 : -1) * (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0))
  const time = new Date(`${date}T${hour.padStart(2, '0')}:${minute}:${second}Z`).getTime() + shiftMinutes * 60_000
  const microseconds = fraction.slice(0, 6).padEnd(6, '0')
  return new Date(time).toISOString().slice(0, 19) + (Number(microseconds) ? `.${microseconds}` : '')
}
