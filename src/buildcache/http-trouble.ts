// What can go wrong with one attempt to read from a web server, and how often another is worth making.

import type { IncomingMessage } from 'node:http'
import { systemErrorCode } from '../ui/error.ts'

/** A failed attempt, and what it means for the next one. */
export interface Trouble {
  kind: 'silent' | 'no-connection' | 'cut-off' | 'busy' | 'final'
  reason: string
  /** Asked for by the server (`Retry-After`). */
  waitMs?: number
  cause?: unknown
}

/** Waits before the next attempts, by kind of trouble. A silent server has cost a whole time-out and gets no other. */
export const waitsMs: Readonly<Record<Trouble['kind'], readonly number[]>> = {
  silent: [],
  'no-connection': [250, 1000],
  'cut-off': [250, 1000, 3000],
  busy: [500, 1500, 4000],
  final: [],
}
const busyStatuses = [408, 425, 429, 500, 502, 503, 504]
const maxRetryAfterMs = 20_000

/** Carries a Trouble from where it is seen to where it is decided what follows. */
export class Attempt extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble) {
    super(trouble.reason)
    this.trouble = trouble
  }
}

export const final = (reason: string): Attempt => new Attempt({ kind: 'final', reason })
export const silence = (timeoutMs: number): Attempt =>
  new Attempt({ kind: 'silent', reason: `nothing was heard for ${timeoutMs / 1000} s (\`config:connect_timeout\`)` })
export const cutOff = (reason: string): Attempt => new Attempt({ kind: 'cut-off', reason })

const connectionCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
]
const interruptionCodes = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']

/** What an error of an attempt means. Rethrows what is no error of the network. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Attempt) return error.trouble
  const code = systemErrorCode(error)
  if (!(error instanceof Error) || code === undefined) throw error
  const kind = kindOf(code)
  // Node says no more than "aborted".
  const reason = kind === 'cut-off' ? 'the connection was closed in the middle' : error.message
  return { kind, reason, cause: error }
}

function kindOf(code: string): Trouble['kind'] {
  if (code === 'ETIMEDOUT') return 'silent'
  if (connectionCodes.includes(code)) return 'no-connection'
  // Certificates and malformed answers among the others: trying again does not help.
  return interruptionCodes.includes(code) ? 'cut-off' : 'final'
}

/** What a status that is neither content nor absence means. */
export function statusTrouble(response: IncomingMessage): Attempt {
  const status = response.statusCode ?? 0
  const reason = `it answers ${status} ${response.statusMessage ?? ''}`.trimEnd()
  if (!busyStatuses.includes(status)) return final(reason)
  const seconds = Number(response.headers['retry-after'])
  const waitMs = seconds > 0 ? { waitMs: Math.min(seconds * 1000, maxRetryAfterMs) } : {}
  return new Attempt({ kind: 'busy', reason, ...waitMs })
}
