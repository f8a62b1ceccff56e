// The order of texts in everything that is written sorted: by code point, as Python compares. JavaScript compares
// UTF-16 code units, which differs where a character beyond U+FFFF meets one from U+E000 on.

const surrogate = /[\ud800-\udfff]/

/** Negative, zero or positive. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  let at = 0
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  if (at === a.length || at === b.length) return a.length - b.length
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
  const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff
  return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
}

/** A sorted list of texts. */
export function sortTexts(texts: Iterable<string>): string[] {
  const list = [...texts]
  return list.some((text) => surrogate.test(text)) ? list.sort(compareTexts) : list.sort()
}
