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
  data = new Int32Array(1 << 14)
  /** By list: where it starts, how long it is, and how much room it has. */
  start: Int32Array<ArrayBuffer>
  length: Int32Array<ArrayBuffer>
  #room: Int32Array<ArrayBuffer>
  #end = 0
  /** How many lists there are: no more than there is room for. */
  count = 0

  constructor(lists: number) {
    this.start = new Int32Array(lists)
    this.length = new Int32Array(lists)
    this.#room = new Int32Array(lists)
  }

  /** Makes room for so many lists in all. */
  makeRoom(lists: number): void {
    this.start = enlargedInt32(this.start, lists)
    this.length = enlargedInt32(this.length, lists)
    this.#room = enlargedInt32(this.#room, lists)
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
    const room = length === 0 ? 8 : length * 2
    const end = this.#end + room
    if (end > this.data.length) this.data = enlargedInt32(this.data, Math.max(end, this.data.length * 2))
    if (length > 0) this.data.copyWithin(this.#end, this.start[list]!, this.start[list]! + length)
    this.start[list] = this.#end
    this.#room[list] = room
    this.#end = end
  }
}

/** A copy of `array` with room for `length` entries. */
export function enlargedInt8(array: Int8Array<ArrayBuffer>, length: number): Int8Array<ArrayBuffer> {
  const grown = new Int8Array(length)
  grown.set(array)
  return grown
}

export function enlargedInt32(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length)
  grown.set(array)
  return grown
}

export function enlargedFloat64(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length)
  grown.set(array)
  return grown
}
