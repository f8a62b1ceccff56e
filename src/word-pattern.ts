// Regular expressions in which `\w` is what it is in Python: a letter or digit of any script, or `_`.

/**
 * A regular expression for a text: `source` with `\w`, which must stand in brackets, as Python has it. V8 takes a millisecond
 * to compile all the letters there are, so a text of ASCII gets an expression without them.
 */
export function wordPattern(source: string, flags: string): (text: string) => RegExp {
  let ofAscii: RegExp | undefined
  let ofAll: RegExp | undefined
  return (text) => {
    const isAscii = Buffer.byteLength(text) === text.length
    if (isAscii) return (ofAscii ??= new RegExp(source, flags))
    return (ofAll ??= new RegExp(source.replaceAll('\\w', '\\p{L}\\p{N}_'), `${flags}u`))
  }
}
