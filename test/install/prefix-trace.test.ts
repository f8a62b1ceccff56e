import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { prefixMap } from '../../src/install/relocation/prefix-map.ts'
import { tracePrefixes } from '../../src/install/relocation/prefix-trace.ts'

const prefix = 'opt/old/store/zlib-1.3'
const map = prefixMap([
  ['/opt/old/store/zlib-1.3', '/new/zlib'],
  ['/opt/old/store', '/new'],
])
const megabyte = 1 << 20

/** A trace of content that comes in pieces of so many bytes. */
function traceOf(content: Buffer, pieceBytes: number) {
  const tracer = tracePrefixes(prefix)
  for (let at = 0; at < content.length; at += pieceBytes) tracer.push(content.subarray(at, at + pieceBytes))
  return tracer
}

function contentWith(sizeBytes: number, places: readonly number[]): Buffer {
  const content = Buffer.alloc(sizeBytes, 'x')
  for (const place of places) content.write('/opt/old/store', place)
  return content
}

test('a part in which a prefix begins is never called clean, wherever pieces end', () => {
  for (const place of [0, 5, 4090, 4095, megabyte - 3, megabyte, 2 * megabyte - 14]) {
    const content = contentWith(2 * megabyte, [place])
    for (const pieceBytes of [1021, 4096, 131072, content.length]) {
      const trace = traceOf(content, pieceBytes)
      assert.not(trace.isClean(map, place, place + 1), `${place} in pieces of ${pieceBytes}`)
      assert.not(trace.isClean(map, 0, content.length))
    }
  }
})

test('pieces shorter than a prefix are put together', () => {
  assert.not(traceOf(contentWith(100, [50]), 3).isClean(map, 0, 100))
  assert.not(traceOf(contentWith(100, [50]), 1).isClean(map, 0, 100))
  assert.ok(traceOf(contentWith(100, []), 1).isClean(map, 0, 100))
})

test('parts without a prefix are clean', () => {
  const trace = traceOf(contentWith(4 * megabyte, [3 * megabyte + 7]), 4096)
  assert.ok(trace.isClean(map, 0, 2 * megabyte))
  assert.not(trace.isClean(map, 0, 4 * megabyte))
})

test('nothing is called clean for prefixes that begin otherwise, or beyond the end', () => {
  const trace = traceOf(contentWith(megabyte, []), 4096)
  const wider = prefixMap([
    ['/opt/old/store', '/new'],
    ['/home/me/upstream', '/there'],
  ])
  assert.ok(trace.isClean(map, 0, megabyte))
  assert.not(trace.isClean(wider, 0, megabyte))
  assert.not(trace.isClean(prefixMap([['/opt', '/new']]), 0, megabyte))
  assert.not(trace.isClean(map, 0, megabyte + 1))
})

test.run()
