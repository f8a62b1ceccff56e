// The log of a build: `spack-build-out.txt` in the stage, kept compressed in the prefix. When a build fails, the lines that say
// why are looked for from its end.

import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export const logName = 'spack-build-out.txt'

/** Compresses a finished log. Readers of Spack look for it under this name. */
export async function keepLog(log: string, metadata: string): Promise<void> {
  await pipeline(createReadStream(log), createGzip({ level: 6 }), createWriteStream(`${metadata}/${logName}.gz`))
}

/** What a line of an error looks like, in the output of compilers, linkers, make, CMake, Python and tests. */
const errorPatterns: readonly RegExp[] = [
  /\berror\b\s*:/i,
  /\bfatal\b.*:/i,
  /^\s*(?:CMake|configure|ninja): .*error/i,
  /^CMake Error/,
  /^make(?:\[\d+\])?: \*\*\* /,
  /: undefined reference to /,
  /ld: cannot find /,
  /^Traceback \(most recent call last\)/,
  /^(?:\w+\.)*\w*(?:Error|Exception): /,
  /\bcommand not found$/,
  /No such file or directory$/,
  /^FAIL(?:ED)?[:\s]/,
  /^\d+ tests? failed\b/i,
  /^Segmentation fault|^Killed$|: Killed \(program /,
]
/** Lines that look like errors and are none: names of files and checks, warnings turned off. */
const falseAlarms = /-Wno-error|checking for .*error|\berrors?\.(?:[ch]|o|lo|cpp|py|html)\b|0 errors?\b|error\(s\)?: 0/i

export interface LogExcerpt {
  /** The number of the first line, from 1. */
  firstLine: number
  lines: readonly string[]
}

const lookedAtBytes = 4 << 20
const contextLines = { before: 4, after: 2 }
const mostExcerpts = 3
const fallbackLines = 12

/** The last error lines of a log with their context, in order; where none is found, its last lines. */
export function findErrors(log: string): LogExcerpt[] {
  const { lines, firstLine } = lastLines(log)
  const found: LogExcerpt[] = []
  let end = lines.length
  for (let at = lines.length - 1; at >= 0 && found.length < mostExcerpts; at--) {
    if (at >= end || !isError(lines[at]!)) continue
    const start = Math.max(0, at - contextLines.before)
    const stop = Math.min(end, at + 1 + contextLines.after)
    found.unshift({ firstLine: firstLine + start, lines: lines.slice(start, stop) })
    end = start
  }
  if (found.length > 0 || lines.length === 0) return found
  const start = Math.max(0, lines.length - fallbackLines)
  return [{ firstLine: firstLine + start, lines: lines.slice(start) }]
}

const isError = (line: string): boolean =>
  errorPatterns.some((pattern) => pattern.test(line)) && !falseAlarms.test(line)

/** Logs may be huge: only so much of the end is looked at. */
function lastLines(log: string): { lines: string[]; firstLine: number } {
  const { size } = statSync(log)
  const start = Math.max(0, size - lookedAtBytes)
  const descriptor = openSync(log, 'r')
  try {
    const text = readRange(descriptor, start, size).toString('utf8')
    const lines = text.replace(/\n$/, '').split('\n')
    if (start === 0) return { lines: size === 0 ? [] : lines, firstLine: 1 }
    // The first one is cut off.
    return { lines: lines.slice(1), firstLine: countLines(descriptor, start) + 2 }
  } finally {
    closeSync(descriptor)
  }
}

function readRange(descriptor: number, start: number, end: number): Buffer {
  const data = Buffer.alloc(end - start)
  let filled = 0
  while (filled < data.length) {
    const count = readSync(descriptor, data, filled, data.length - filled, start + filled)
    if (count === 0) break
    filled += count
  }
  return data.subarray(0, filled)
}

function countLines(descriptor: number, end: number): number {
  const newline = 0x0a
  const pieceBytes = 1 << 20
  let count = 0
  for (let at = 0; at < end; at += pieceBytes) {
    const piece = readRange(descriptor, at, Math.min(end, at + pieceBytes))
    for (let next = piece.indexOf(newline); next >= 0; next = piece.indexOf(newline, next + 1)) count++
  }
  return count
}

const longestLine = 500

const shortened = (line: string): string => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line)

/** The excerpts as they are shown, with numbers of lines. */
export function printExcerpts(excerpts: readonly LogExcerpt[]): string {
  const parts = excerpts.map(({ firstLine, lines }) => {
    const width = String(firstLine + lines.length).length
    return lines.map((line, index) => `  ${String(firstLine + index).padStart(width)}  ${shortened(line)}`).join('\n')
  })
  return parts.join('\n  …\n')
}
