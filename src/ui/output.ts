// stdout and stderr. Text is written at once by the system's own call: the first use of one of Node's streams costs 2 ms, so
// they are left to terminals and to the case in which the reader is slow.

import { fstatSync, statSync, writeSync } from 'node:fs'
import { systemErrorCode } from './error.ts'

export interface Output {
  /** Writes text as it is. Throws what the system says, except that a reader went away. */
  write: (text: string) => void
  readonly isTTY: boolean
  /** Characters in a line, where it is a terminal that tells. */
  readonly columns: number | undefined
}

/** Nobody wants the data of `spack find | head` any more; work goes on when nobody listens to the talk about it. */
export const stdout: Output = openOutput(
  1,
  () => process.stdout,
  () => process.exit(0),
)
export const stderr: Output = openOutput(
  2,
  () => process.stderr,
  () => {},
)

function openOutput(descriptor: number, nodeStream: () => NodeJS.WriteStream, readerLeft: () => void): Output {
  let stream: NodeJS.WriteStream | undefined
  const failed = (error: unknown): void => {
    if (systemErrorCode(error) !== 'EPIPE') throw error
    readerLeft()
  }
  const write = (text: string): void => {
    // What comes later must not overtake what waits.
    if (stream) return void stream.write(text)
    try {
      const rest = writeBytes(descriptor, Buffer.from(text))
      if (rest) (stream = nodeStream().on('error', failed)).write(rest)
    } catch (error) {
      failed(error)
    }
  }
  return {
    write,
    get isTTY() {
      return mayBeTerminal(descriptor) && nodeStream().isTTY === true
    },
    get columns() {
      return nodeStream().columns
    },
  }
}

/** Much is written to the null device, which is of the same kind of file. */
function mayBeTerminal(descriptor: number): boolean {
  const file = fstatSync(descriptor)
  return file.isCharacterDevice() && file.rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev
}

/** What could not be written because the reader is slow and does not want to be waited for. */
function writeBytes(descriptor: number, bytes: Buffer): Buffer | undefined {
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(descriptor, bytes, done)
    return undefined
  } catch (error) {
    if (systemErrorCode(error) === 'EAGAIN') return bytes.subarray(done)
    throw error
  }
}
