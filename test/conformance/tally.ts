// Counts what agrees and keeps what differs, case by case.

import { isDeepStrictEqual } from 'node:util'

export class Tally {
  passed = 0
  total = 0
  /** Cases flagged by the kit as faults of the reference, or that it says need not be imitated. */
  leftOut = 0
  readonly differences: string[] = []

  /** Compares one case; `id` names it in the report. A thrown error is a difference, not the end. */
  check(id: string, expected: unknown, answer: () => unknown): void {
    this.total++
    let actual: unknown
    try {
      actual = answer()
    } catch (error) {
      this.differences.push(`${id}: threw ${error instanceof Error ? error.message : String(error)}`)
      return
    }
    if (isDeepStrictEqual(actual, expected)) this.passed++
    else this.differences.push(`${id}: expected ${excerpt(expected)}, got ${excerpt(actual)}`)
  }

  /** As `check`, for answers that come later. */
  async checkAsync(id: string, expected: unknown, answer: () => Promise<unknown>): Promise<void> {
    let settled: { value: unknown } | { error: unknown }
    try {
      settled = { value: await answer() }
    } catch (error) {
      settled = { error }
    }
    this.check(id, expected, () => {
      if ('error' in settled) throw settled.error
      return settled.value
    })
  }
}

function excerpt(value: unknown): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value)
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}
