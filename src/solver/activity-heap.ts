// Variables ordered by activity: a binary heap with positions, so that an entry can move up when it is bumped. Most
// variables never take part in a conflict: those without activity are in no heap, but taken in their order by a cursor.

import { enlargedFloat64, enlargedInt32 } from './growing.ts'

const activityLimit = 1e100
const activityDecay = 0.95

export class ActivityHeap {
  #heap: Int32Array<ArrayBuffer>
  #length = 0
  /** Position in the heap, or -1. */
  #position: Int32Array<ArrayBuffer>
  #activity: Float64Array<ArrayBuffer>
  #increment = 1
  #variables = 0
  /** Variables without activity below it were taken. */
  #cursor = 0

  /** A heap with room for so many variables. */
  constructor(variables: number) {
    this.#heap = new Int32Array(variables)
    this.#position = new Int32Array(variables)
    this.#activity = new Float64Array(variables)
  }

  /** Makes room for so many variables in all. */
  makeRoom(variables: number): void {
    this.#heap = enlargedInt32(this.#heap, variables)
    this.#position = enlargedInt32(this.#position, variables)
    this.#activity = enlargedFloat64(this.#activity, variables)
  }

  /** Adds a variable with no activity, for which there is room. Variables come in order, from 0. */
  add(variable: number): void {
    this.#variables = variable + 1
    this.#position[variable] = -1
  }

  /** Puts the variables of literals back that were taken, those at the end first. */
  insertAll(literals: Int32Array, from: number, to: number): void {
    const position = this.#position
    const activity = this.#activity
    let cursor = this.#cursor
    for (let at = to - 1; at >= from; at--) {
      const variable = literals[at]! >> 1
      if (activity[variable] === 0) {
        if (variable < cursor) cursor = variable
      } else if (position[variable] === -1) this.#insert(variable)
    }
    this.#cursor = cursor
  }

  #insert(variable: number): void {
    this.#heap[this.#length] = variable
    this.#up(this.#length++)
  }

  /** Takes the most active variable, or -1 when none is left whose activity is at least that much of a bump. */
  take(least = 0): number {
    if (this.#length === 0) return least > 0 ? -1 : this.#takeIdle()
    const top = this.#heap[0]!
    if (this.#activity[top]! < this.#increment * least) return -1
    this.#position[top] = -1
    const last = this.#heap[--this.#length]!
    if (this.#length > 0) {
      this.#heap[0] = last
      this.#position[last] = 0
      this.#down(0)
    }
    return top
  }

  #takeIdle(): number {
    while (this.#cursor < this.#variables) {
      const variable = this.#cursor++
      if (this.#activity[variable] === 0) return variable
    }
    return -1
  }

  /** Raises a variable's activity; all are scaled down together before one grows too large. */
  bump(variable: number): void {
    this.#activity[variable]! += this.#increment
    if (this.#activity[variable]! > activityLimit) this.#rescale()
    if (this.#position[variable]! >= 0) this.#up(this.#position[variable]!)
    else this.#insert(variable)
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
