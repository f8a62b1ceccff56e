// The line of a text in which a fault is, with a mark below it.

const widest = 100

/** Two lines: that of `text` in which `start` is, cut to a readable width, and carets below `start` to `end`. */
export function markedLine(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', start)
  const lineEnd = newline < 0 ? text.length : newline
  const from = lineEnd - lineStart <= widest ? lineStart : Math.max(lineStart, start - widest / 2)
  const to = Math.min(lineEnd, from + widest)
  const [before, after] = [from > lineStart ? '…' : '', to < lineEnd ? '…' : '']
  const line = printable(text.slice(from, to))
  const marked = Math.max(1, text.slice(start, Math.min(end, to)).trimEnd().length)
  return `${before}${line}${after}\n${' '.repeat(before.length + start - from)}${'^'.repeat(marked)}`
}

/** Control characters would spoil the terminal or move the mark. */
const printable = (line: string): string => line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
