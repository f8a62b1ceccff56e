// Install roots made longer, so that binaries built there can be moved to almost any other place.

const placeholder = '__spack_path_placeholder__'

/** `path` with folders added until it has `length` characters. One missing character cannot be added usefully: `/`. */
export function padPath(path: string, length: number): string {
  const missing = length - path.length
  if (missing <= 0) return path
  const padding = `${placeholder}/`.repeat(Math.ceil(missing / (placeholder.length + 1))).slice(0, missing - 1)
  // A slash at the end would be lost when the path is normalized.
  return `${path.replace(/\/$/, '')}/${padding.replace(/\/$/, '_')}`
}
