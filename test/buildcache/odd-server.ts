// A web server for tests that does what it is told: answer, fail, hang, cut off, redirect, dawdle, send ranges or not.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export type Reply = (request: IncomingMessage, response: ServerResponse) => void

export interface OddServer {
  url: string
  /** What was asked, in order: method, path and the headers that matter. */
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[]
  /** Connections that were opened. */
  connections: () => number
  close: () => Promise<void>
}

/** Serves `replies` one after the other, the last one for ever. */
export async function oddServer(...replies: Reply[]): Promise<OddServer> {
  let next = 0
  return serve((request, response) => replies[Math.min(next++, replies.length - 1)]!(request, response))
}

export async function serve(reply: Reply, server: Server = createServer()): Promise<OddServer> {
  const requests: OddServer['requests'] = []
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    sockets.add(socket)
    socket.unref()
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  server.on('request', (request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers })
    reply(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A test that fails before it closes its server must not keep the process.
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

export const text =
  (body: string | Buffer, headers: Record<string, string> = {}): Reply =>
  (_request, response) => {
    response.writeHead(200, headers)
    response.end(body)
  }

export const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  (_request, response) => {
    response.writeHead(code, headers)
    response.end(`this is ${code}`)
  }

export const hang: Reply = () => {}

/** Announces all of `body`, sends `count` bytes of what is asked for and closes the connection. */
export const cutOff =
  (body: Buffer, count: number, headers: Record<string, string> = {}): Reply =>
  (request, response) => {
    const start = rangeOf(request)
    const whole = { 'content-length': String(body.length - start), ...headers }
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? { ...whole, 'content-range': rangeText(start, body) } : whole)
    response.write(body.subarray(start, start + count), () => setTimeout(() => response.destroy(), 5))
  }

/** Sends ranges. */
export const ranges =
  (body: Buffer, headers: Record<string, string> = {}): Reply =>
  (request, response) => {
    const start = rangeOf(request)
    response.writeHead(start > 0 ? 206 : 200, {
      ...headers,
      ...(start > 0 ? { 'content-range': rangeText(start, body) } : {}),
    })
    response.end(body.subarray(start))
  }

const rangeOf = (request: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
const rangeText = (start: number, body: Buffer): string => `bytes ${start}-${body.length - 1}/${body.length}`

/** A proxy: forwards plain requests and opens tunnels; `requests` has both. */
export async function proxyServer(): Promise<OddServer> {
  const server = createServer()
  const proxy = await serve((request, response) => {
    const target = new URL(request.url ?? '')
    response.writeHead(200, { via: 'proxy' })
    response.end(`by proxy: ${target.pathname}`)
  }, server)
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    proxy.requests.push({ method: 'CONNECT', path: request.url ?? '', headers: request.headers })
    const [host, port] = (request.url ?? '').split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  return proxy
}
