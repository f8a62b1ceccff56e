// Why there is no answer, as a value: what was asked for and by whom, what recipes and settings say to that, what follows,
// and what may be changed. And its text.

import { SpackError } from '../ui/error.ts'

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

const listedRemedies = 4

/** The error that tells an explanation. */
export function explanationError({ code, headline, statements, remedies }: Explanation): SpackError {
  const hints = [...new Set(remedies)].slice(0, listedRemedies)
  return new SpackError(code, headline, {
    detail: statements.map(statementLine).join('\n') || undefined,
    hint: hints.length ? hints.join('\n      ') : undefined,
  })
}

function statementLine({ role, text, where }: Statement): string {
  const place = where ? ` (${where})` : ''
  return role === 'conclusion' ? `  so ${text}${place}` : `  - ${text}${place}`
}

/** `a`, `b` and `c`. */
export function enumerate(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`
}

export const quote = (text: string): string => `\`${text}\``
