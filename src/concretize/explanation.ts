// Why there is no answer, as a value: what was asked for and by whom, what recipes and settings say to that, what follows,
// and what may be changed. And its text.

import { SpackError } from '../ui/error.ts'
import type { Origin } from './world.ts'

/** Who says it: the user's request or setting, a recipe, or what is so in general; or it follows from those above. */
export type Role = 'request' | 'setting' | 'recipe' | 'fact' | 'conclusion'

export interface Statement {
  role: Role
  /** One sentence without a full stop. */
  text: string
  /** `file:line`, where there is one. */
  where: string | null
}

export interface Explanation {
  code: string
  headline: string
  /** In the order in which one follows from the other. */
  statements: readonly Statement[]
  /** What may be changed, most promising first. */
  remedies: readonly string[]
}

export const says = (role: Role, text: string, where: string | null = null): Statement => ({ role, text, where })

/** What a request is told with. */
export const youAskFor = ({ text, where }: Origin): Statement => says('request', `you ask for ${quote(text)}`, where)

const listedRemedies = 4

/** The error that tells an explanation. */
export function explanationError({ code, headline, statements, remedies }: Explanation): SpackError {
  const hints = [...new Set(remedies)].slice(0, listedRemedies)
  return new SpackError(code, headline, {
    detail: statements.map(statementLine).join('\n') || undefined,
    hint: hints.length ? hints.join('\n      ') : undefined,
  })
}

/** A statement as an item of a list. */
export function statementLine({ role, text, where }: Statement): string {
  const place = where ? ` (${where})` : ''
  return role === 'conclusion' ? `  so ${text}${place}` : `  - ${text}${place}`
}

/** `a`, `b` and `c`. */
export function enumerate(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`
}

/** Quoted, and of many the first ones: `a`, `b` and 7 others. */
export function enumerateFew(items: readonly string[], limit: number): string {
  const quoted = items.map(quote)
  const rest = items.length - limit
  return rest > 1 ? `${quoted.slice(0, limit).join(', ')} and ${rest} others` : enumerate(quoted)
}

/** The condition of a directive, behind what it says. */
export const whenText = (when: string): string => (when ? ` when ${quote(when)}` : '')

export const quote = (text: string): string => `\`${text}\``
