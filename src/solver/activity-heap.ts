// Variables ordered by activity: a binary heap with positions, so that an entry can move up when it is bumped.

import { withRoomFloat64, withRoomInt32 } from './growing.ts'

const activityLimit = 1e100
const activityDecay = 0.95

export class ActivityHeap {
  #heap = new Int32Array(16)
  #length = 0
  /** Position in the heap, or -1. */
  #position = new Int32Array(16).fill(-1)
  #activity = new Float64Array(16)
  #increment = 1
  #variables = 0

  /** Adds a variable with no activity. Variables come in order, from 0. */
  add(variable: number): void {
    this.#variables = variable + 1
    this.#heap = withRoomInt32(this.#heap, this.#variables)
    const known = this.#position.length
    this.#position = withRoomInt32(this.#position, this.#variables)
    this.#position.fill(-1, known)
    this.#activity = withRoomFloat64(this.#activity, this.#variables)
    this.insert(variable)
  }

  /** Puts a variable back after it was taken. */
  insert(variable: number): void {
    if (this.#position[variable]! >= 0) return
    this.#position[variable] = this.#length
    this.#heap[this.#length++] = variable
    this.#up(this.#length - 1)
  }

  /** Takes the most active variable, or -1 when the heap is empty. */
  take(): number {
    if (this.#length === 0) return -1
    const top = this.#heap[0]!
    this.#position[top] = -1
    const last = this.#heap[--this.#length]!
    if (this.#length > 0) {
      this.#heap[0] = last
      this.#position[last] = 0
      this.#down(0)
    }
    return top
  }

  /** Raises a variable's activity; all are scaled down together before one grows too large. */
  bump(variable: number): void {
    this.#activity[variable]! += this.#increment
    if (this.#activity[variable]! > activityLimit) this.#rescale()
    if (this.#position[variable]! >= 0) this.#up(this.#position[variable]!)
  }

  /** Makes later bumps count more, which is the same as letting all activities fade. */
  decay(): void {
    this.#increment /= activityDecay
  }

  #rescale(): void {
    for (let i = 0; i < this.#variables; i++) this.#activity[i]! /= activityLimit
    this.#increment /= activityLimit
  }

  /** More active first; of equals the earlier variable, which keeps the search deterministic. */
  #precedes(a: number, b: number): boolean {
    const difference = this.#activity[a]! - this.#activity[b]!
    return difference > 0 || (difference === 0 && a < b)
  }

  #up(start: number): void {
    let at = start
    const variable = this.#heap[at]!
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#precedes(variable, this.#heap[parent]!)) break
      this.#heap[at] = this.#heap[parent]!
      this.#position[this.#heap[at]!] = at
      at = parent
    }
    this.#heap[at] = variable
    this.#position[variable] = at
  }

  #down(start: number): void {
    let at = start
    const variable = this.#heap[at]!
    for (;;) {
      let child = at * 2 + 1
      if (child >= this.#length) break
      if (child + 1 < this.#length && this.#precedes(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (!this.#precedes(this.#heap[child]!, variable)) break
      this.#heap[at] = this.#heap[child]!
      this.#position[this.#heap[at]!] = at
      at = child
    }
    this.#heap[at] = variable
    this.#position[variable] = at
  }
}
