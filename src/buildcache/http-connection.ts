// One request to a web server: kept connections, proxies, certificates and time-outs. What the answer means is decided in
// `http.ts`.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { type AgentOptions, Agent as HttpsAgent, type RequestOptions, request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { rootCertificates, connect as secure } from 'node:tls'
import { toolVersion } from '../version.ts'
import { final, silence } from './http-trouble.ts'
import { proxyFor } from './proxy.ts'
import type { NetworkSettings } from './transport.ts'

/** Node reports a certificate that it cannot trace to a root by one of these. */
const untracedCertificate = [
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
]
/** Where systems keep the certificates that their administrators trust; Node looks at its own list only. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

export interface Connections {
  /** Sends a GET and resolves when the head of the answer is there. Rejects with the system's errors. */
  send: (url: URL, headers: Readonly<Record<string, string>>) => Promise<IncomingMessage>
}

export function openConnections(network: NetworkSettings, environ: NodeJS.ProcessEnv): Connections {
  const httpAgent = new HttpAgent({ keepAlive: true })
  const httpsAgents = new Map<string, HttpsAgent>()
  let withSystemRoots = false
  const trusted = () => trustedRoots(network, environ, withSystemRoots)
  const httpsAgent = (proxy: URL | undefined): HttpsAgent => {
    const key = `${proxy?.href ?? ''} ${withSystemRoots}`
    let agent = httpsAgents.get(key)
    if (!agent) {
      const tls = { ca: trusted(), rejectUnauthorized: network.verifyTls }
      agent = new TunnelAgent({ keepAlive: true, ...tls }, proxy, network.timeoutMs)
      httpsAgents.set(key, agent)
    }
    return agent
  }
  const start = (url: URL, headers: Readonly<Record<string, string>>): ClientRequest => {
    const proxy = proxyFor(url, environ)
    const all = { 'user-agent': `spackmake/${toolVersion}`, 'accept-encoding': 'identity', ...headers }
    if (url.protocol === 'https:') return requestHttps(plainUrl(url), { agent: httpsAgent(proxy), headers: all })
    if (!proxy) return requestHttp(plainUrl(url), { agent: httpAgent, headers: all })
    const forwarded = { ...all, host: url.host, ...proxyLogin(proxy) }
    const options = { path: plainUrl(url).href, headers: forwarded }
    return proxy.protocol === 'https:'
      ? requestHttps(plainUrl(proxy), { ...options, agent: httpsAgent(undefined) })
      : requestHttp(plainUrl(proxy), { ...options, agent: httpAgent })
  }
  const answer = async (url: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> =>
    (await answerTo<[IncomingMessage]>(start(url, headers), 'response', network.timeoutMs))[0]
  return {
    async send(url, headers) {
      try {
        return await answer(url, headers)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : ''
        if (withSystemRoots || !untracedCertificate.includes(code)) throw error
        withSystemRoots = true
        return await answer(url, headers)
      }
    },
  }
}

/** Users and passwords go in headers that we write, so that they cannot go along with a redirect. */
function plainUrl(url: URL): URL {
  const plain = new URL(url.href)
  plain.username = ''
  plain.password = ''
  plain.hash = ''
  return plain
}

/** Sends a request and waits for the event that answers it. */
function answerTo<Answer extends [IncomingMessage, ...Socket[]]>(
  request: ClientRequest,
  event: 'response' | 'connect',
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = timeoutMs > 0 ? setTimeout(() => request.destroy(silence(timeoutMs)), timeoutMs) : undefined
    request.on(event, (...answer: unknown[]) => {
      clearTimeout(timer)
      resolve(answer as Answer)
    })
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.end()
  })
}

/** Basic authentication, when the proxy's URL has a user. */
function proxyLogin(proxy: URL): Record<string, string> {
  if (!proxy.username) return {}
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }
}

/** Secure connections, through a proxy's tunnel (CONNECT) where there is a proxy. */
class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL | undefined
  readonly #timeoutMs: number

  constructor(options: AgentOptions, proxy: URL | undefined, timeoutMs: number) {
    super(options)
    this.#proxy = proxy
    this.#timeoutMs = timeoutMs
  }

  override createConnection(
    options: RequestOptions,
    done?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    if (!this.#proxy || !done) return super.createConnection(options, done)
    const { ca, rejectUnauthorized } = this.options
    const tls = { ca, rejectUnauthorized }
    openTunnel(this.#proxy, `${options.host}:${options.port}`, { tls, timeoutMs: this.#timeoutMs }).then(
      (socket) =>
        done(null, secure({ ...(options as object), socket, servername: options.servername ?? options.host! })),
      (error: Error) => done(error, undefined as never),
    )
    return undefined
  }
}

async function openTunnel(
  proxy: URL,
  authority: string,
  { tls, timeoutMs }: { tls: Pick<AgentOptions, 'ca' | 'rejectUnauthorized'>; timeoutMs: number },
): Promise<Socket> {
  const send = proxy.protocol === 'https:' ? requestHttps : requestHttp
  const headers = { host: authority, ...proxyLogin(proxy) }
  const request = send(plainUrl(proxy), { method: 'CONNECT', path: authority, headers, agent: false, ...tls })
  const [response, socket] = await answerTo<[IncomingMessage, Socket]>(request, 'connect', timeoutMs)
  if (response.statusCode === 200) return socket
  socket.destroy()
  throw final(`the proxy ${proxy.host} refuses a tunnel: ${response.statusCode} ${response.statusMessage}`)
}

/**
 * Certificates to trust, or undefined for Node's own. Node itself reads `NODE_EXTRA_CA_CERTS`, but doing so costs each
 * start 40 ms, so depfiles move it to `SPACK_EXTRA_CA_CERTS`, which is read only here, when something is secured.
 */
function trustedRoots(
  network: NetworkSettings,
  environ: NodeJS.ProcessEnv,
  withSystemRoots: boolean,
): string[] | undefined {
  const extra = [environ.SPACK_EXTRA_CA_CERTS, environ.NODE_EXTRA_CA_CERTS].filter((file) => file !== undefined)
  const files = [...network.caFiles, ...new Set(extra)].flatMap(certificateFiles)
  const system = withSystemRoots ? systemBundles.flatMap(certificateFiles).slice(0, 1) : []
  if (files.length + system.length === 0) return undefined
  return [...rootCertificates, ...[...files, ...system].map((file) => readFileSync(file, 'utf8'))]
}

/** A file, or the files in a folder; nothing where nothing is, as for Node's own variable. */
function certificateFiles(path: string): string[] {
  const stat = path ? statSync(path, { throwIfNoEntry: false }) : undefined
  if (!stat?.isDirectory()) return stat ? [path] : []
  const names = readdirSync(path).filter((name) => /\.(pem|crt|cer)$/.test(name))
  return names.map((name) => join(path, name))
}
