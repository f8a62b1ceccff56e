// Spack's colour escapes: `@*r{text}`, `@g…@.`. A letter is a colour (capitals are the bright ones), `*` in front of
// it is bold, `_` underlined; `@@` is an at sign, and `}}` inside braces a brace.

import { SpackError } from '../ui/error.ts'

const styles = { '*': '1', _: '4' } as const
const colours: Readonly<Record<string, number>> = {
  k: 30,
  r: 31,
  g: 32,
  y: 33,
  b: 34,
  m: 35,
  c: 36,
  w: 37,
  K: 90,
  R: 91,
  G: 92,
  Y: 93,
  B: 94,
  M: 95,
  C: 96,
  W: 97,
}

const reset = '\u001b[0m'

/** The escape sequence of a colour as written between `@` and the text: `g`, `*r`, `_R`, `*`. */
function ansiCode(colour: string): string {
  const style = colour.startsWith('*') || colour.startsWith('_') ? styles[colour[0] as '*' | '_'] : '0'
  const number = colours[colour.replace(/^[*_]/, '')]
  return `\u001b[${style}${number === undefined ? '' : `;${number}`}m`
}

/** `text` in a colour; empty text stays empty. */
export const paintAs = (colour: string, text: string): string => (text ? ansiCode(colour) + text + reset : text)

/**
 * Replaces colour escapes by terminal codes, or takes them out. Throws SpackError `colour-escape` for an `@` that
 * starts none.
 */
export function colourize(text: string, isColoured: boolean): string {
  const replaced = text.replace(
    /@(?:(@)|(\.)|([*_])?([a-zA-Z])?(?:\{((?:[^}]|\}\})*)\})?)/g,
    (whole, at?: string, end?: string, style?: string, letter?: string, inner?: string) => {
      if (at) return '@'
      if (end) return isColoured ? reset : ''
      if (!style && !letter) {
        throw new SpackError('colour-escape', `\`${whole}\` in \`${text}\` starts no colour`, {
          hint: 'write `@@` for an at sign',
        })
      }
      const code = isColoured ? ansiCode(`${style ?? ''}${letter ?? ''}`) : ''
      return inner ? code + inner + (isColoured ? reset : '') : code
    },
  )
  return replaced.replaceAll('}}', '}')
}

/** `text` such that `colourize` gives it back. */
export const escapeColour = (text: string): string => text.replaceAll('@', '@@').replaceAll('}', '}}')
