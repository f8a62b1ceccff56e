// Where output goes and whether it may be coloured. stdout is data, stderr is talk.

export type ColourMode = 'auto' | 'always' | 'never'

/** ANSI codes of the colours that Spack's own format strings and messages use. */
const colourCodes = {
  red: '0;31',
  green: '0;32',
  yellow: '0;33',
  blue: '0;34',
  magenta: '0;35',
  cyan: '0;36',
  white: '0;37',
  black: '0;30',
  boldRed: '1;31',
  boldGreen: '1;32',
  boldYellow: '1;33',
  boldBlue: '1;34',
  boldMagenta: '1;35',
  boldCyan: '1;36',
  bold: '1',
  dim: '2',
} as const
export type Colour = keyof typeof colourCodes

/** `text` in a colour when `enabled`, else unchanged. */
export function paint(enabled: boolean, colour: Colour, text: string): string {
  return enabled ? `\u001b[${colourCodes[colour]}m${text}\u001b[0m` : text
}

/**
 * Whether output to `stream` is coloured: `--color`, then `SPACK_COLOR`, then `NO_COLOR`, then whether it is a terminal.
 */
export function wantsColour(
  mode: ColourMode | undefined,
  environ: NodeJS.ProcessEnv,
  stream: { isTTY?: boolean },
): boolean {
  const chosen = mode ?? environ.SPACK_COLOR
  if (chosen === 'always') return true
  if (chosen === 'never') return false
  if (environ.NO_COLOR) return false
  return stream.isTTY === true
}
