// Files as relocation sees them: bytes that are read by offset, in memory or on disk, and patches as a value.

export interface ByteSource {
  readonly sizeBytes: number
  /** Bytes of a range that lies within the size. They may be overwritten by the next call. */
  read: (offset: number, length: number) => Buffer
  /** Whether it is known, without reading, that no old prefix begins in a range. */
  isClean?: (start: number, end: number) => boolean
}

export interface Patch {
  offset: number
  bytes: Buffer
}

export const memorySource = (data: Buffer): ByteSource => ({
  sizeBytes: data.length,
  read: (offset, length) => data.subarray(offset, offset + length),
})

/** `source` as it will be after `patches`, of which the later win. Patches behind its end make it longer; gaps are zero. */
export function patchedSource(source: ByteSource, patches: readonly Patch[]): ByteSource {
  if (patches.length === 0) return source
  const sizeBytes = patchedSize(source.sizeBytes, patches)
  let window = Buffer.alloc(0)
  const read = (offset: number, length: number) => {
    if (window.length < length) window = Buffer.allocUnsafe(length)
    const data = window.subarray(0, length)
    const there = Math.max(0, Math.min(length, source.sizeBytes - offset))
    if (there > 0) source.read(offset, there).copy(data)
    data.fill(0, there)
    for (const patch of patches) {
      const start = Math.max(patch.offset, offset)
      const end = Math.min(patch.offset + patch.bytes.length, offset + length)
      if (start < end) patch.bytes.copy(data, start - offset, start - patch.offset, end - patch.offset)
    }
    return data
  }
  const isClean = (start: number, end: number): boolean =>
    source.isClean?.(start, end) === true &&
    !patches.some((patch) => patch.offset < end && patch.offset + patch.bytes.length > start)
  return { sizeBytes, read, isClean }
}

/** A copy of `data` with the patches in it. */
export const applyPatches = (data: Buffer, patches: readonly Patch[]): Buffer => {
  const source = patchedSource(memorySource(data), patches)
  return patches.length === 0 ? data : source.read(0, source.sizeBytes)
}

const patchedSize = (sizeBytes: number, patches: readonly Patch[]): number =>
  patches.reduce((size, patch) => Math.max(size, patch.offset + patch.bytes.length), sizeBytes)
