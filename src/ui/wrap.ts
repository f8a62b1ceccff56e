// Breaking prose into lines, at the places where Spack's output (Python's `textwrap`) breaks it.

export interface WrapOptions {
  /** Characters in a line, indents included. */
  width: number
  indent?: string
  /** Indent of the second line and all others; that of the first when absent. */
  nextIndent?: string
}

/** A word, a space, a dash between words, or the part of a word up to a hyphen behind which it may be broken. */
const piece =
  /\s+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\s]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=\s|$)|(?<=[\w!"'&.,?])(?=-{2,}\w))/g

/** The lines of a paragraph; line breaks in it are spaces. An empty one has no lines. */
export function wrapText(text: string, { width, indent = '', nextIndent = indent }: WrapOptions): string[] {
  const pieces = text.replace(/[\t\n\v\f\r]/g, ' ').match(piece) ?? []
  const lines: string[] = []
  let line = ''
  const room = () => Math.max(1, width - (lines.length ? nextIndent : indent).length)
  const endLine = () => {
    const content = line.trimEnd()
    if (content) lines.push((lines.length ? nextIndent : indent) + content)
    line = ''
  }
  for (let next of pieces) {
    if (line === '' && lines.length && !next.trim()) continue
    if (line.length + next.length > room()) {
      // A word that fits in no line is cut, and begins where the line before it ends.
      if (next.length <= room() || !next.trim()) endLine()
      for (; line.length + next.length > room() && next.trim(); ) {
        const hyphen = next.lastIndexOf('-', room() - line.length - 1)
        const count = hyphen > 0 && /[^-]/.test(next.slice(0, hyphen)) ? hyphen + 1 : room() - line.length
        line += next.slice(0, count)
        next = next.slice(count)
        endLine()
      }
      if (!next.trim()) continue
    }
    line += next
  }
  endLine()
  return lines
}
