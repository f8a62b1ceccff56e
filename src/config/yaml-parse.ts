// YAML text → the `yaml` package's document, with Spack's readings of what is not standard, or an error with file, line
// and column. Imported on demand.

import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml'
import { SpackError } from '../ui/error.ts'

export interface ParsedYaml {
  /** Undefined when the text is empty or holds comments only. */
  document: Document | undefined
  lines: LineCounter
  /** Throws SpackError `yaml-syntax` about a place in the text. */
  fail: (message: string, offset: number) => never
}

/** Parses one YAML document. Throws SpackError `yaml-syntax`. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter()
  const fail = (message: string, offset: number): never => {
    const { line, col } = lines.linePos(offset)
    const where = `${file}:${line}:${col}`
    throw new SpackError('yaml-syntax', `this is not valid YAML: ${message}`, { where, detail: caret(text, offset) })
  }
  const [document, second] = compose(text, lines)
  const stray = strayCharacter.exec(text)
  if (stray) fail(`the character ${codePoint(stray[0])} is not allowed`, stray.index)
  const [error] = document?.errors ?? []
  if (error) fail(problemOf(error.message), error.pos[0])
  if (second) fail('there is a second document after `---`', second.range?.[0] ?? 0)
  return { document, lines, fail }
}

/** Characters that YAML forbids in a file. */
const strayCharacter =
  /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\ud800-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const problemOf = (message: string): string =>
  /call stack/.test(message) ? 'brackets or lists are nested too deeply' : message.replace(/\.$/, '')

const codePoint = (char: string): string => `U+${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`

function compose(text: string, lines: LineCounter): Document[] {
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.2',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    keepSourceTokens: true,
  })
  return [...composer.compose(tokens(text, parser, lines), true, text.length)] as Document[]
}

/**
 * The parser's tokens. In brackets and braces Spack's reader takes a colon before `,` or a closing bracket as part of
 * the word (`[zlib@1.2:, bzip2]`), other parsers as the end of a key; the word and its colon are joined before parsing.
 */
function* tokens(
  text: string,
  parser: Parser,
  lines: LineCounter,
): Generator<ReturnType<Parser['next']> extends Generator<infer T> ? T : never> {
  const lexemes = [...lenientLexer().lex(text)]
  lines.addNewLine(0)
  let depth = 0
  for (let i = 0; i < lexemes.length; i++) {
    const lexeme = lexemes[i]!
    if (lexeme === '[' || lexeme === '{') depth++
    if (lexeme === ']' || lexeme === '}') depth--
    const isWord = depth > 0 && lexemes[i - 1] === scalarStart && /^[^'"]/.test(lexeme)
    if (!isWord || lexemes[i + 1] !== ':') {
      yield* parser.next(lexeme)
      continue
    }
    // An empty value is a lexeme too.
    const next = lexemes[i + 2] === scalarStart && lexemes[i + 3] === '' ? i + 4 : i + 2
    if (/^[,\]}]/.test(lexemes[next] ?? '')) {
      yield* parser.next(`${lexeme}:`)
      i = next - 1
    } else yield* parser.next(lexeme)
  }
  yield* parser.end()
}

/** The parts of the package's lexer that are changed here; `yaml-text.test.ts` notices when they are gone. */
interface LexerInsides {
  indentNext: number
  parseFlowCollection: () => Generator<string>
  parseQuotedScalar: () => Generator<string>
}

/** Spack's reader does not ask for indentation in brackets, braces and quotes. */
function lenientLexer(): Lexer {
  const lexer = new Lexer()
  const insides = lexer as unknown as LexerInsides
  for (const name of ['parseFlowCollection', 'parseQuotedScalar'] as const) {
    const original = insides[name]
    insides[name] = function* (this: LexerInsides) {
      this.indentNext = 0
      return yield* original.call(this)
    }
  }
  return lexer
}

/** The lexer puts this in front of every scalar. */
const scalarStart = '\u001f'

/** The line of an offset and, below it, a caret; long lines are cut around it. */
function caret(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', start)
  const line = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
  const column = offset - start
  const from = Math.max(0, column - 60)
  return `    ${line.slice(from, column + 60).replaceAll('\t', ' ')}\n    ${' '.repeat(column - from)}^`
}
