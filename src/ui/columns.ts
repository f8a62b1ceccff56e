// Texts side by side, as `ls` prints names: down the columns, each as wide as its widest text.

export interface ColumnOptions {
  /** Characters in a line; undefined, for a file or a pipe, gives one text a line. */
  width: number | undefined
  /** Spaces before each line. */
  indent?: number
  /** Spaces between columns; default 2. */
  gap?: number
}

/** The lines that hold `texts` in as many columns as fit. Colours do not count as characters. */
export function columns(texts: readonly string[], options: ColumnOptions): string[] {
  const { width, indent = 0, gap = 2 } = options
  const start = ' '.repeat(indent)
  if (width === undefined) return texts.map((text) => start + text)
  const widths = columnWidths(texts.map(visibleLength), Math.max(1, width - indent), gap)
  const rows = Math.ceil(texts.length / widths.length)
  return Array.from({ length: rows }, (_, row) => {
    const cells = widths.map((_, column) => texts[column * rows + row]).filter((text) => text !== undefined)
    // The last text of a line is not padded: trailing spaces may wrap.
    const padded = cells.map((text, column) =>
      column < cells.length - 1 ? text + ' '.repeat(widths[column]! - visibleLength(text)) : text,
    )
    return start + padded.join('')
  })
}

/** Characters that a terminal shows of a text: colour codes take no room. */
export const visibleLength = (text: string): number => text.replace(/\u001b\[[0-9;]*m/g, '').length

/** The widths, gaps included, of the most columns that fit in a line. */
function columnWidths(lengths: readonly number[], width: number, gap: number): number[] {
  const most = Math.min(lengths.length, Math.max(1, Math.floor(width / (Math.min(...lengths) + gap))))
  for (let count = most; count > 1; count--) {
    const rows = Math.ceil(lengths.length / count)
    // With so many rows fewer columns may be enough.
    const widths = new Array<number>(Math.ceil(lengths.length / rows)).fill(0)
    lengths.forEach((length, i) => {
      const column = Math.floor(i / rows)
      widths[column] = Math.max(widths[column]!, length + (column < widths.length - 1 ? gap : 0))
    })
    if (widths.reduce((sum, one) => sum + one, 0) < width) return widths
  }
  return [Math.max(...lengths)]
}
