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

const padded = new RegExp(`((?:/[^/\\s]*)*?)(?:/${placeholder})+(?:/${prefixes(placeholder)}_?)?(?=/)`)

/** Text with its first padded path shortened to `…/[padded-to-N-chars]/…`. */
export function shortenPadding(text: string): string {
  return text.replace(padded, (whole, before: string) => `${before}/[padded-to-${whole.length}-chars]`)
}

/** A pattern for each beginning of `word`, longest first. */
function prefixes(word: string): string {
  return `(?:${Array.from(word, (_, i) => word.slice(0, word.length - i)).join('|')})`
}
