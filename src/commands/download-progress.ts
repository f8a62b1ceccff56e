// How far a download is, on one line of the terminal that is written again and again; nothing where there is no terminal.

import { clockMs } from '../clock.ts'
import type { StageWorld } from '../stage/stage-world.ts'
import type { Invocation } from './invocation.ts'

const redrawMs = 100

/** For `StageWorld.progress`. `isTerminal` tells whether stderr is one. */
export function downloadProgress(
  invocation: Invocation,
  isTerminal: boolean = process.stderr.isTTY === true,
): NonNullable<StageWorld['progress']> {
  if (!isTerminal) return () => {}
  let startedMs = 0
  let drawnMs = 0
  let isDrawn = false
  return ({ receivedBytes, sizeBytes, isOver }) => {
    const nowMs = clockMs()
    if (isOver) {
      if (isDrawn) invocation.say('\r\u001b[K')
      isDrawn = false
      startedMs = 0
      return
    }
    startedMs ||= nowMs
    if (nowMs - drawnMs < redrawMs) return
    drawnMs = nowMs
    isDrawn = true
    const share = sizeBytes ? `[${String(Math.floor((100 * receivedBytes) / sizeBytes)).padStart(3)}%] ` : ''
    const speed = receivedBytes / Math.max((nowMs - startedMs) / 1000, 0.001)
    invocation.say(`\r    ${share}${shownBytes(receivedBytes)} @ ${shownBytes(speed)}/s\u001b[K`)
  }
}

const units: readonly (readonly [number, string])[] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'KB'],
]

function shownBytes(count: number): string {
  const [size, name] = units.find(([least]) => count >= least) ?? [1, 'B']
  return `${(count / size).toFixed(size === 1 ? 0 : 1)} ${name}`
}
