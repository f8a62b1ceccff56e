// The one kind of error that users see: a stable code, what failed and where, and what to type next.

import { faultInWords } from './system-fault.ts'

export interface SpackErrorOptions {
  /** What to type or look at next; printed after an empty line as `hint: …`. */
  hint?: string
  /** Where it failed, as `file:line` or `file:line:column`; printed in front of the message. */
  where?: string
  /** Further lines that belong to the message, for instance an input line with its caret. */
  detail?: string
  exitCode?: number
  cause?: unknown
}

/** An error with an explanation for the user. A plain `Error` is our own mistake and alone shows a stack. */
export class SpackError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly where: string | undefined
  readonly detail: string | undefined
  readonly exitCode: number

  /** The installer and the whole program are bundles with a class each, and throw to each other. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'SpackError'
  }

  constructor(code: string, message: string, options: SpackErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SpackError'
    this.code = code
    this.hint = options.hint
    this.where = options.where
    this.detail = options.detail
    this.exitCode = options.exitCode ?? 1
  }
}

/** The `code` of a failed system call (`ENOENT`…), or undefined when `error` is something else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof SpackError || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export interface RenderOptions {
  debug?: boolean
  colour?: boolean
  /** Of what does not keep us from going on. */
  isWarning?: boolean
}

/** The text of an error as it is printed to stderr, without a final newline. */
export function renderError(error: unknown, options: RenderOptions = {}): string {
  const paint = (code: string, text: string) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const label = options.isWarning ? paint('1;33', '==> Warning:') : paint('1;31', '==> Error:')
  if (!(error instanceof SpackError)) return renderMistake(error, label)
  const lines = [`${label} ${error.where ? `${error.where}: ` : ''}${error.message}`]
  if (error.detail) lines.push(error.detail)
  if (error.hint) lines.push('', `${paint('1;36', 'hint:')} ${error.hint}`)
  if (options.debug && error.stack) lines.push('', error.stack)
  if (options.debug && error.cause instanceof Error) lines.push(`caused by: ${error.cause.stack}`)
  return lines.join('\n')
}

function renderMistake(error: unknown, label: string): string {
  const code = systemErrorCode(error)
  if (code && error instanceof Error) return `${label} ${faultInWords(error)}`
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `${label} internal error; please report it with this trace\n${stack}`
}
