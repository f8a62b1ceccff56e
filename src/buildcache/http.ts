// Reading from web servers: redirects, retries with growing waits, resumed downloads, conditional requests, and servers
// that are given up.

import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Connections, openConnections } from './http-connection.ts'
import {
  conditionalHeaders,
  type Headers,
  login,
  strongEtag,
  validatorsOf,
  wholeSize,
  without,
} from './http-headers.ts'
import { cutOff, final, silence, statusTrouble, type Trouble, troubleOf, waitsMs } from './http-trouble.ts'
import { shownUrl } from './location.ts'
import {
  type Fetched,
  type FetchOptions,
  type NetworkSettings,
  notFound,
  type StreamOptions,
  type Transport,
  type TransportOptions,
  tooLarge,
} from './transport.ts'
import { type UnreachableNotes, unreachableNotes } from './unreachable.ts'

const absentStatuses = [404, 410]
const redirectStatuses = [301, 302, 303, 307, 308]
const maxRedirects = 10
const maxDiscardedBytes = 64 * 1024
/** A resumed download that goes on getting something may be cut off this often. */
const maxResumes = 50

interface Session {
  network: NetworkSettings
  environ: NodeJS.ProcessEnv
  connections: Connections
  notes: UnreachableNotes
  say: (line: string) => void
  sleep: (milliseconds: number) => Promise<void>
}

export function openWebTransport(network: NetworkSettings, options: TransportOptions): Transport {
  const session: Session = {
    network,
    environ: options.environ,
    connections: openConnections(network, options.environ),
    notes: unreachableNotes(network.notesFolder),
    say: options.say ?? (() => {}),
    sleep: options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))),
  }
  return {
    fetchBytes: (url, request) => fetchBytes(session, url, request),
    openStream: (url, request) => openStream(session, url, request),
  }
}

async function fetchBytes(session: Session, url: string, options: FetchOptions): Promise<Fetched> {
  const conditions = conditionalHeaders(options.known)
  return persevere(session, url, async () => {
    const response = await follow(session, url, { ...login(url, options, session.environ), ...conditions })
    const status = response.statusCode ?? 0
    if (status === 200) {
      const stored = await readBody(session, url, response, options.limitBytes)
      const bytes = decoded(stored, response, url, options.limitBytes)
      return { kind: 'content', bytes, validators: validatorsOf(response) }
    }
    await discard(session, response)
    if (status === 304) return { kind: 'unchanged' }
    if (absentStatuses.includes(status)) return { kind: 'absent' }
    throw statusTrouble(response)
  })
}

/**
 * The bytes at `url`. When the connection breaks, the rest is asked for; a server that cannot send ranges sends all again,
 * and what has been delivered is passed over.
 */
async function* openStream(session: Session, url: string, options: StreamOptions): AsyncGenerator<Buffer> {
  let delivered = options.startAtByte ?? 0
  let etag: string | undefined
  let { onSize } = options
  for (let resumes = 0; ; resumes++) {
    const before = delivered
    const response = await persevere(session, url, () => requestRest(session, url, options, { delivered, etag }))
    if (response.statusCode === 416) return await discard(session, response)
    etag ??= strongEtag(response)
    const sizeBytes = onSize && wholeSize(response)
    if (sizeBytes !== undefined) {
      onSize?.(sizeBytes)
      onSize = undefined
    }
    let toSkip = response.statusCode === 206 ? delivered - rangeStart(response, delivered, url) : delivered
    try {
      for await (const piece of pieces(response, session.network.timeoutMs)) {
        const fresh = piece.subarray(Math.min(toSkip, piece.length))
        toSkip -= piece.length - fresh.length
        delivered += fresh.length
        if (fresh.length > 0) yield fresh
      }
      if (options.sizeBytes === undefined || delivered >= options.sizeBytes) return
      throw cutOff(`it ended after ${delivered} of ${options.sizeBytes} bytes`)
    } catch (error) {
      const trouble = troubleOf(error)
      if (trouble.kind === 'final' || delivered === before || resumes >= maxResumes)
        throw failure(session, url, trouble)
    }
  }
}

/** Asks for what is behind the bytes that were `delivered` of the file with this `etag`, if it was told. */
async function requestRest(
  session: Session,
  url: string,
  options: StreamOptions,
  { delivered, etag }: { delivered: number; etag: string | undefined },
): Promise<IncomingMessage> {
  const answer = await follow(session, url, {
    ...login(url, options, session.environ),
    ...(options.cookie ? { cookie: options.cookie } : {}),
    ...(delivered > 0 ? { range: `bytes=${delivered}-` } : {}),
    ...(delivered > 0 && etag ? { 'if-range': etag } : {}),
  })
  const status = answer.statusCode ?? 0
  if (status === 200 || status === 206) return answer
  // All was there already, or more than there is: whoever has a digest finds out which.
  if (status === 416 && options.startAtByte) return answer
  await discard(session, answer)
  throw absentStatuses.includes(status) ? notFound(url) : statusTrouble(answer)
}

/** Runs one attempt after the other until one works, or the kind of trouble allows no more. */
async function persevere<Value>(session: Session, url: string, attempt: () => Promise<Value>): Promise<Value> {
  const origin = new URL(url).origin
  const noted = session.notes.find(origin)
  if (noted) throw unreachable(url, `it was noted a moment ago that it does not answer (${shownUrl(noted)})`)
  const startedMs = Date.now()
  for (let failures = 0; ; failures++) {
    try {
      const value = await attempt()
      session.notes.erase(origin)
      return value
    } catch (error) {
      const trouble = troubleOf(error)
      const waitMs = waitsMs[trouble.kind][failures]
      if (waitMs === undefined) throw failure(session, url, trouble)
      const chosenMs = trouble.waitMs ?? waitMs * (0.75 + Math.random() / 2)
      if (Date.now() - startedMs > 5000) session.say(`\`${shownUrl(url)}\`: ${trouble.reason}; trying again`)
      await session.sleep(chosenMs)
    }
  }
}

/** Sends the request, and again to where it is redirected. */
async function follow(session: Session, url: string, headers: Headers): Promise<IncomingMessage> {
  const seen = new Set<string>()
  let at = new URL(url)
  let sent = headers
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await session.connections.send(at, sent)
    const target = response.headers.location
    if (!redirectStatuses.includes(response.statusCode ?? 0) || !target) return response
    await discard(session, response)
    const next = redirectTarget(target, at, url)
    if (seen.has(next.href)) throw final(`it redirects in a circle, by \`${shownUrl(next.href)}\``)
    seen.add(next.href)
    // A login is for the server that it was given for.
    if (next.origin !== at.origin) sent = without(without(sent, 'authorization'), 'cookie')
    at = next
  }
  throw final(`it redirects more than ${maxRedirects} times`)
}

function redirectTarget(target: string, from: URL, url: string): URL {
  if (!URL.canParse(target, from.href)) throw final(`it redirects to \`${target}\`, which is no URL`)
  const next = new URL(target, from)
  if (next.protocol !== 'https:' && next.protocol !== 'http:') {
    throw final(`it redirects to \`${shownUrl(next.href)}\`, which is no web address`)
  }
  if (new URL(url).protocol === 'https:' && next.protocol === 'http:') {
    throw final(`it redirects to \`${shownUrl(next.href)}\`, which is not secured`)
  }
  return next
}

/** Reads what nobody wants, so that the connection is free for the next request; more than a little of it is cut off. */
async function discard(session: Session, response: IncomingMessage): Promise<void> {
  let total = 0
  for await (const piece of pieces(response, session.network.timeoutMs)) {
    total += piece.length
    if (total > maxDiscardedBytes) break
  }
}

async function readBody(session: Session, url: string, response: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const collected: Buffer[] = []
  let total = 0
  for await (const piece of pieces(response, session.network.timeoutMs)) {
    total += piece.length
    if (total > limitBytes) throw tooLarge(url, limitBytes)
    collected.push(piece)
  }
  return Buffer.concat(collected)
}

/** The pieces of an answer as they come. The time-out runs only while we wait, not while the reader is busy. */
async function* pieces(response: IncomingMessage, timeoutMs: number): AsyncGenerator<Buffer> {
  const iterator = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  try {
    for (;;) {
      const timer = timeoutMs > 0 ? setTimeout(() => response.destroy(silence(timeoutMs)), timeoutMs) : undefined
      const step = await iterator.next().finally(() => clearTimeout(timer))
      if (step.done) break
      yield step.value
    }
    // A connection that is closed too early ends the stream without an error when no length was announced.
    if (!response.complete) throw cutOff('the connection was closed in the middle')
  } finally {
    if (!response.complete) response.destroy()
  }
}

/** Some servers compress small texts although they were asked not to. Archives keep the form that has the digest. */
function decoded(bytes: Buffer, response: IncomingMessage, url: string, limitBytes: number): Buffer {
  const encoding = response.headers['content-encoding']
  if ((encoding !== 'gzip' && encoding !== 'x-gzip') || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: limitBytes })
  } catch (error) {
    if (systemErrorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(url, limitBytes)
    throw final('its gzip encoding is broken')
  }
}

/** Where the range that was sent starts; one that starts after `asked` would leave a gap. */
function rangeStart(response: IncomingMessage, asked: number, url: string): number {
  const start = Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1] ?? Number.NaN)
  if (start >= 0 && start <= asked) return start
  response.destroy()
  throw new SpackError('download-failed', `\`${shownUrl(url)}\` answered with another range than was asked for`)
}

function failure(session: Session, url: string, trouble: Trouble): SpackError {
  if (trouble.kind === 'silent' || trouble.kind === 'no-connection') {
    const origin = new URL(url).origin
    if (session.notes.write(origin, trouble.reason) && session.network.notesFolder) {
      session.say(`${origin} does not answer (${trouble.reason}); other mirrors are used for the next minute`)
    }
    return unreachable(url, trouble.reason, trouble.cause)
  }
  const code = trouble.cause instanceof Error ? (systemErrorCode(trouble.cause) ?? '') : ''
  const hint = /CERT|SELF_SIGNED|LEAF_SIGNATURE/.test(code)
    ? 'name the file with its certificate authority in `config:ssl_certs` or `SSL_CERT_FILE`, or use `spack --insecure`'
    : undefined
  return new SpackError('download-failed', `cannot read \`${shownUrl(url)}\`: ${trouble.reason}`, {
    cause: trouble.cause,
    ...(hint ? { hint } : {}),
  })
}

function unreachable(url: string, reason: string, cause?: unknown): SpackError {
  return new SpackError('mirror-unreachable', `no answer from \`${shownUrl(url)}\`: ${reason}`, {
    hint: 'look at the address (`spack mirror list`), the network and the proxy variables',
    cause,
  })
}
