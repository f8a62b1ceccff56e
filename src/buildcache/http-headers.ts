// What headers say: who asks and what they have already, what an answer is and how much there is.

import type { IncomingMessage } from 'node:http'
import type { Credentials } from './mirror.ts'
import type { Validators } from './transport.ts'

export type Headers = Readonly<Record<string, string>>

export const without = (headers: Headers, name: string): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))

/** Of all there is, by an answer that may be a part of it. */
export function wholeSize(response: IncomingMessage): number | undefined {
  const { 'content-range': range, 'content-length': length } = response.headers
  const text = response.statusCode === 206 ? /\/(\d+)$/.exec(range ?? '')?.[1] : length
  return text === undefined ? undefined : Number(text)
}

export const strongEtag = (response: IncomingMessage): string | undefined => {
  const etag = response.headers.etag
  return etag && !etag.startsWith('W/') ? etag : undefined
}

export function validatorsOf(response: IncomingMessage): Validators {
  const { etag, 'last-modified': lastModified } = response.headers
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) }
}

export function conditionalHeaders(known: Validators | undefined): Headers {
  return {
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  }
}

/** Who we are: from the URL, or by the variables that the mirror's entry names. */
export function login(url: string, options: { credentials?: Credentials }, environ: NodeJS.ProcessEnv): Headers {
  const { username, password } = new URL(url)
  if (username) return basic(decodeURIComponent(username), decodeURIComponent(password))
  const { id, idVariable, secretVariable, tokenVariable } = options.credentials ?? {}
  const user = id ?? (idVariable ? environ[idVariable] : undefined)
  const secret = secretVariable ? environ[secretVariable] : undefined
  if (user && secret) return basic(user, secret)
  const token = tokenVariable ? environ[tokenVariable] : undefined
  return token ? { authorization: `Bearer ${token}` } : {}
}

const basic = (user: string, secret: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
})
