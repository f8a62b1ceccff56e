// `when:` conditions of manifests and includes are Python expressions. This reads the part of Python that such conditions
// are made of: literals, names, comparisons, boolean logic, calls, indexing, f-strings and generators.

import { SpackError } from '../ui/error.ts'

export type Expression =
  | { kind: 'literal'; value: string | number | boolean | null; at: number }
  | { kind: 'format'; parts: readonly (string | Expression)[]; at: number }
  | { kind: 'name'; name: string; at: number }
  | { kind: 'list'; items: readonly Expression[]; at: number }
  | { kind: 'not' | 'negative'; operand: Expression; at: number }
  | { kind: 'and' | 'or'; left: Expression; right: Expression; at: number }
  | { kind: 'sum'; operator: '+' | '-'; left: Expression; right: Expression; at: number }
  | { kind: 'comparison'; first: Expression; rest: readonly [Comparison, Expression][]; at: number }
  | { kind: 'choice'; condition: Expression; then: Expression; otherwise: Expression; at: number }
  | { kind: 'attribute'; object: Expression; name: string; at: number }
  | { kind: 'index'; object: Expression; index: Expression; at: number }
  | { kind: 'slice'; object: Expression; from: Expression | null; to: Expression | null; at: number }
  | { kind: 'call'; callee: Expression; args: readonly Expression[]; at: number }
  | { kind: 'generator'; element: Expression; name: string; items: Expression; filter: Expression | null; at: number }

const comparisons = ['==', '!=', '<', '<=', '>', '>=', 'in', 'not in', 'is', 'is not'] as const
export type Comparison = (typeof comparisons)[number]

interface Token {
  kind: 'name' | 'number' | 'string' | 'operator' | 'end'
  text: string
  at: number
}

const tokenPattern =
  /\s*(?:(?<string>[rRfFuU]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))|(?<name>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?)|(?<operator>==|!=|<=|>=|[-+<>()[\]{}.,:]))/y

const keywords = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else', 'for', 'lambda', 'True', 'False', 'None'])
const constants: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null }

/** Expressions in expressions nest no deeper than this; it keeps hostile input from exhausting the stack. */
const deepest = 100

/** An error in a condition, with the condition and a caret below the place. */
export function conditionError(text: string, at: number, message: string, hint?: string): SpackError {
  const detail = `    ${text}\n    ${' '.repeat(at)}^`
  return new SpackError('condition', message, {
    detail,
    hint: hint ?? 'conditions are Python expressions such as `platform == \'linux\' and env.get("SITE") == "x"`',
  })
}

/** Reads a condition. Throws SpackError `condition` for anything that is not such an expression. */
export function parseCondition(text: string): Expression {
  const parser = new Parser(text)
  const expression = parser.expression()
  parser.expectEnd()
  return expression
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  for (;;) {
    const start = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (!match) {
      const at = start + text.slice(start).search(/\S|$/)
      if (at < text.length) throw conditionError(text, at, `the condition cannot be read at \`${text[at]}\``)
      tokens.push({ kind: 'end', text: '', at })
      return tokens
    }
    const groups = match.groups as Partial<Record<Token['kind'], string>>
    const kind = (['string', 'name', 'number', 'operator'] as const).find((each) => groups[each] !== undefined)!
    const word = groups[kind]!
    tokens.push({ kind, text: word, at: match.index + match[0].length - word.length })
  }
}

/** Recursive descent, one method for each of Python's levels of precedence. */
class Parser {
  private readonly text: string
  private readonly tokens: Token[]
  private next = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
    this.tokens = tokenize(text)
  }

  expression(): Expression {
    if (++this.depth > deepest) throw this.unexpected('the condition is nested too deeply')
    const then = this.disjunction()
    const at = this.peek().at
    if (this.accept('if')) {
      const condition = this.disjunction()
      this.expect('else')
      const otherwise = this.expression()
      this.depth--
      return { kind: 'choice', condition, then, otherwise, at }
    }
    this.depth--
    return then
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.unexpected()
  }

  private disjunction(): Expression {
    let left = this.conjunction()
    for (let at = this.peek().at; this.accept('or'); at = this.peek().at) {
      left = { kind: 'or', left, right: this.conjunction(), at }
    }
    return left
  }

  private conjunction(): Expression {
    let left = this.negation()
    for (let at = this.peek().at; this.accept('and'); at = this.peek().at) {
      left = { kind: 'and', left, right: this.negation(), at }
    }
    return left
  }

  private negation(): Expression {
    const { at } = this.peek()
    if (!this.accept('not')) return this.comparison()
    if (++this.depth > deepest) throw this.unexpected('the condition is nested too deeply')
    const operand = this.negation()
    this.depth--
    return { kind: 'not', operand, at }
  }

  private comparison(): Expression {
    const first = this.sum()
    const { at } = this.peek()
    const rest: [Comparison, Expression][] = []
    for (let operator = this.comparisonOperator(); operator; operator = this.comparisonOperator()) {
      rest.push([operator, this.sum()])
    }
    return rest.length ? { kind: 'comparison', first, rest, at } : first
  }

  private comparisonOperator(): Comparison | undefined {
    if (this.accept('is')) return this.accept('not') ? 'is not' : 'is'
    if (this.peek().text === 'not' && this.tokens[this.next + 1]?.text === 'in') {
      this.next += 2
      return 'not in'
    }
    const found = comparisons.find((each) => each === this.peek().text && this.peek().kind !== 'string')
    if (found) this.next++
    return found
  }

  private sum(): Expression {
    let left = this.unary()
    for (let token = this.peek(); this.accept('+') || this.accept('-'); token = this.peek()) {
      left = { kind: 'sum', operator: token.text as '+' | '-', left, right: this.unary(), at: token.at }
    }
    return left
  }

  private unary(): Expression {
    const { at } = this.peek()
    return this.accept('-') ? { kind: 'negative', operand: this.postfix(), at } : this.postfix()
  }

  private postfix(): Expression {
    let object = this.atom()
    for (let token = this.peek(); ; token = this.peek()) {
      if (this.accept('.')) object = { kind: 'attribute', object, name: this.word(), at: token.at }
      else if (this.accept('(')) object = { kind: 'call', callee: object, args: this.callArguments(), at: token.at }
      else if (this.accept('[')) object = this.subscript(object, token.at)
      else return object
    }
  }

  private word(): string {
    const token = this.peek()
    if (token.kind !== 'name' || keywords.has(token.text)) throw this.unexpected()
    this.next++
    return token.text
  }

  private callArguments(): Expression[] {
    const args: Expression[] = []
    while (!this.accept(')')) {
      const element = this.expression()
      args.push(this.peek().text === 'for' ? this.generator(element) : element)
      if (this.peek().text !== ')') this.expect(',')
    }
    return args
  }

  private generator(element: Expression): Expression {
    const { at } = this.peek()
    this.expect('for')
    const name = this.word()
    this.expect('in')
    const items = this.disjunction()
    return { kind: 'generator', element, name, items, filter: this.accept('if') ? this.disjunction() : null, at }
  }

  private subscript(object: Expression, at: number): Expression {
    const from = this.peek().text === ':' ? null : this.expression()
    if (from && this.accept(']')) return { kind: 'index', object, index: from, at }
    this.expect(':')
    const to = this.peek().text === ']' ? null : this.expression()
    this.expect(']')
    return { kind: 'slice', object, from, to, at }
  }

  private atom(): Expression {
    const token = this.peek()
    const { at } = token
    if (token.kind === 'string') return this.strings()
    if (token.kind === 'number') {
      this.next++
      return { kind: 'literal', value: Number(token.text), at }
    }
    if (token.kind === 'name') {
      if (Object.hasOwn(constants, token.text)) {
        this.next++
        return { kind: 'literal', value: constants[token.text]!, at }
      }
      return { kind: 'name', name: this.word(), at }
    }
    if (this.accept('[')) return { kind: 'list', items: this.items(']'), at }
    if (this.accept('(')) return this.group(at)
    throw this.unexpected()
  }

  /** After `(`: an expression, a tuple or a generator. */
  private group(at: number): Expression {
    if (this.accept(')')) return { kind: 'list', items: [], at }
    const first = this.expression()
    if (this.accept(')')) return first
    if (this.peek().text === 'for') {
      const generator = this.generator(first)
      this.expect(')')
      return generator
    }
    this.expect(',')
    return { kind: 'list', items: [first, ...this.items(')')], at }
  }

  private items(end: string): Expression[] {
    const items: Expression[] = []
    while (!this.accept(end)) {
      items.push(this.expression())
      if (this.peek().text !== end) this.expect(',')
    }
    return items
  }

  /** Neighbouring strings are one string. */
  private strings(): Expression {
    const { at } = this.peek()
    const parts: (string | Expression)[] = []
    while (this.peek().kind === 'string') {
      const token = this.peek()
      this.next++
      const [, marks, body] = /^([a-zA-Z]*)['"]([\s\S]*)['"]$/.exec(token.text)!
      const isRaw = /r/i.test(marks!)
      if (/f/i.test(marks!)) parts.push(...this.formatParts(body!, isRaw, token.at))
      else parts.push(isRaw ? body! : resolveEscapes(body!))
    }
    if (parts.every((part) => typeof part === 'string')) return { kind: 'literal', value: parts.join(''), at }
    return { kind: 'format', parts, at }
  }

  private formatParts(body: string, isRaw: boolean, at: number): (string | Expression)[] {
    const parts: (string | Expression)[] = []
    for (const [, doubled, inner, other] of body.matchAll(/(\{\{|\}\})|\{([^{}]*)\}|([^{}]+|[{}])/g)) {
      if (doubled) parts.push(doubled[0]!)
      else if (inner !== undefined) parts.push(this.formatField(inner, at))
      else if (other === '{' || other === '}')
        throw conditionError(this.text, at, 'a brace of the f-string is not closed')
      else parts.push(isRaw ? other! : resolveEscapes(other!))
    }
    return parts
  }

  private formatField(field: string, at: number): Expression {
    try {
      return parseCondition(field)
    } catch (cause) {
      if (!(cause instanceof SpackError)) throw cause
      throw conditionError(this.text, at, `\`{${field}}\` in the f-string is not an expression that is understood here`)
    }
  }

  private peek(): Token {
    return this.tokens[this.next]!
  }

  private accept(text: string): boolean {
    const token = this.peek()
    if (token.text !== text || token.kind === 'string' || token.kind === 'end') return false
    this.next++
    return true
  }

  private expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(`expected \`${text}\` in the condition`)
  }

  private unexpected(message?: string): SpackError {
    const token = this.peek()
    const found = token.kind === 'end' ? 'the condition ends too early' : `\`${token.text}\` is not expected here`
    return conditionError(this.text, token.at, message ?? found)
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** Python keeps a backslash that begins no known escape. */
const resolveEscapes = (body: string): string =>
  body.replace(/\\([\s\S])/g, (all, letter: string) => escapes[letter] ?? all)
