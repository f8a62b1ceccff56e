// Typed arrays that grow: amortized doubling, no boxing, no allocation while there is room.

/** A growing list of 32-bit integers. `data` is only valid up to `length` and is replaced when the list grows. */
export class IntList {
  data: Int32Array<ArrayBuffer>
  length = 0

  constructor(capacity = 4) {
    this.data = new Int32Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(this.length + 1)
    this.data[this.length++] = value
  }

  /** Makes room for `capacity` values in all. */
  reserve(capacity: number): void {
    if (capacity <= this.data.length) return
    const grown = new Int32Array(Math.max(capacity, this.data.length * 2, 4))
    grown.set(this.data)
    this.data = grown
  }
}

/**
 * Many growing lists of 32-bit integers in one array. A list that outgrows its place moves to the end, so `data` and
 * `start` must be read anew after each push.
 */
export class IntLists {
  data = new Int32Array(1 << 12)
  /** By list: where it starts, how long it is, and how much room it has. */
  start = new Int32Array(64)
  length = new Int32Array(64)
  #room = new Int32Array(64)
  #end = 0
  count = 0

  /** Adds an empty list, the next in number. */
  add(): void {
    const count = ++this.count
    this.start = withRoomInt32(this.start, count)
    this.length = withRoomInt32(this.length, count)
    this.#room = withRoomInt32(this.#room, count)
  }

  pushPair(list: number, first: number, second: number): void {
    const length = this.length[list]!
    if (length + 2 > this.#room[list]!) this.#move(list, length)
    const at = this.start[list]! + length
    this.data[at] = first
    this.data[at + 1] = second
    this.length[list] = length + 2
  }

  #move(list: number, length: number): void {
    const room = Math.max(8, length * 2)
    this.data = withRoomInt32(this.data, this.#end + room)
    const start = this.start[list]!
    this.data.copyWithin(this.#end, start, start + length)
    this.start[list] = this.#end
    this.#room[list] = room
    this.#end += room
  }
}

/** A copy of `array` that has room for `length` entries, or the array itself when it has. */
export function withRoomInt8(array: Int8Array<ArrayBuffer>, length: number): Int8Array<ArrayBuffer> {
  if (length <= array.length) return array
  const grown = new Int8Array(Math.max(length, array.length * 2))
  grown.set(array)
  return grown
}

export function withRoomInt32(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array
  const grown = new Int32Array(Math.max(length, array.length * 2))
  grown.set(array)
  return grown
}

export function withRoomFloat64(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= array.length) return array
  const grown = new Float64Array(Math.max(length, array.length * 2))
  grown.set(array)
  return grown
}
