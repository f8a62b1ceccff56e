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
