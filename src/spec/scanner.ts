// The tokens of the spec language. They are found from left to right by looking at each character a bounded number of
// times, so the time is linear in the length of the text. What a token may be, in the order in which it is tried:
//
//   ^[  %[  %%[        opens the attributes of an edge
//   ]  ^  %  %%        closes them; an edge. Both may go on with an assignment of virtuals: c,cxx=gcc
//   @…                 a version, or a list of versions and ranges
//   ++name +name ~name -name                       boolean variants; blanks may stand after the sign
//   name=value name==value name:=value name:==value
//   ./a/b.json a/b.yaml                            files
//   name, name.space.name, *                       package names
//   /hash

import { characterClass, isAt, runEnd } from './characters.ts'

const { word, identifier, name, path, value, hex, blank } = characterClass

export type TokenKind =
  | 'edge'
  | 'edge-start'
  | 'edge-end'
  | 'version'
  | 'bool'
  | 'propagated-bool'
  | 'key-value'
  | 'propagated-key-value'
  | 'file'
  | 'name'
  | 'qualified-name'
  | 'hash'
  /** A character that starts no token. */
  | 'unexpected'
  /** Behind the last token. */
  | 'end'

const code = (character: string): number => character.charCodeAt(0)
const [plus, minus, tilde, at, percent, caret, star] = [...'+-~@%^*'].map(code)
const [dot, comma, colon, equals, slash, backslash] = [...'.,:=/\\'].map(code)
const [openBracket, closeBracket, singleQuote, doubleQuote] = [...'[]\'"'].map(code)

const commitLength = 40
const fileEndings = ['.json', '.yaml'] as const

/** The current token of a text. A parser looks at `kind` and the offsets, then goes on with `next`. */
export class Scanner {
  readonly text: string
  kind: TokenKind = 'end'
  /** Offsets of the token: its first character, and behind its last. */
  start = 0
  end = 0
  /** In `name=value`: behind the name, and where the value starts. */
  nameEnd = 0
  valueStart = 0
  /** Of `edge` and `edge-end`: the virtuals, separated by commas, that the package named next is to provide. */
  virtuals = ''

  /** Behind the package name that an assignment of virtuals ends with. It is the next token, whatever follows it. */
  private assignedEnd = -1
  /** The run of path characters that was looked at last, and where in it a file's name may end; -1: nowhere. */
  private pathRunEnd = -1
  private fileEnd = -1

  constructor(text: string) {
    this.text = text
    this.next()
  }

  next(): void {
    const { text } = this
    if (this.assignedEnd >= 0) {
      const isQualified = text.slice(this.end, this.assignedEnd).includes('.')
      this.start = this.end
      this.take(isQualified ? 'qualified-name' : 'name', this.assignedEnd)
      this.assignedEnd = -1
      return
    }
    this.start = runEnd(text, this.end, blank)
    if (this.start === text.length) this.take('end', this.start)
    else if (isAt(text, this.start, word)) this.scanWord()
    else this.scanSign()
  }

  private take(kind: TokenKind, end: number): void {
    this.kind = kind
    this.end = end
  }

  private scanSign(): void {
    const { text, start } = this
    const first = text.charCodeAt(start)
    switch (first) {
      case caret:
      case percent: {
        const sigilEnd = first === percent && text.charCodeAt(start + 1) === percent ? start + 2 : start + 1
        if (text.charCodeAt(sigilEnd) === openBracket) this.take('edge-start', sigilEnd + 1)
        else this.takeAssignment('edge', sigilEnd)
        break
      }
      case closeBracket:
        this.takeAssignment('edge-end', start + 1)
        break
      case at:
        this.scanVersion()
        break
      case plus:
      case minus:
      case tilde:
        this.scanBool(first)
        break
      case slash:
      case dot:
        if (!this.scanPath(start + 1)) this.scanHash()
        break
      case star:
        this.take('name', start + 1)
        break
      default:
        this.take('unexpected', start + 1)
    }
  }

  /** A token that may be followed by `virtual,virtual=package`; the package's name is left as the next token. */
  private takeAssignment(kind: TokenKind, sigilEnd: number): void {
    const { text } = this
    this.take(kind, sigilEnd)
    this.virtuals = ''
    const first = runEnd(text, sigilEnd, blank)
    let last = first
    for (;;) {
      if (!isAt(text, last, word)) return
      last = runEnd(text, last, identifier)
      if (text.charCodeAt(last) !== comma) break
      last++
    }
    if (text.charCodeAt(last) !== equals || !isAt(text, last + 1, word)) return
    this.virtuals = text.slice(first, last)
    this.end = last + 1
    this.assignedEnd = packageNameEnd(text, last + 1)
  }

  private scanVersion(): void {
    const end = gitVersionEnd(this.text, this.start + 1) ?? versionListEnd(this.text, this.start + 1)
    if (end === undefined) this.take('unexpected', this.start + 1)
    else this.take('version', end)
  }

  private scanBool(sign: number): void {
    const { text, start } = this
    const isDouble = text.charCodeAt(start + 1) === sign
    const nameStart = runEnd(text, start + (isDouble ? 2 : 1), blank)
    if (isAt(text, nameStart, word)) this.take(isDouble ? 'propagated-bool' : 'bool', runEnd(text, nameStart, name))
    else if (sign !== minus || !this.scanSlashedPath()) this.take('unexpected', start + 1)
  }

  private scanWord(): void {
    const { text, start } = this
    const nameEnd = runEnd(text, start, name)
    const hasColon = text.charCodeAt(nameEnd) === colon
    if (text.charCodeAt(hasColon ? nameEnd + 1 : nameEnd) === equals) {
      if (this.scanKeyValue(nameEnd, nameEnd + (hasColon ? 2 : 1))) return
    }
    if (this.scanSlashedPath()) return
    const end = packageNameEnd(text, start)
    this.take(end > runEnd(text, start, identifier) ? 'qualified-name' : 'name', end)
  }

  /** `valueStart` is behind the first `=`. Two of them propagate, unless the second one is all there is of a value. */
  private scanKeyValue(nameEnd: number, valueStart: number): boolean {
    const { text } = this
    this.nameEnd = nameEnd
    const propagatedEnd = text.charCodeAt(valueStart) === equals ? valueEnd(text, valueStart + 1) : undefined
    if (propagatedEnd !== undefined) {
      this.valueStart = valueStart + 1
      this.take('propagated-key-value', propagatedEnd)
      return true
    }
    const end = valueEnd(text, valueStart)
    if (end === undefined) return false
    this.valueStart = valueStart
    this.take('key-value', end)
    return true
  }

  /** A path whose first folder's name, possibly empty, ends with the first `/`. */
  private scanSlashedPath(): boolean {
    const folderEnd = runEnd(this.text, this.start, identifier)
    return this.text.charCodeAt(folderEnd) === slash && this.scanPath(folderEnd + 1)
  }

  /** A file whose name ends somewhere behind `from`: as late as it can among the characters of paths. */
  private scanPath(from: number): boolean {
    const { text } = this
    if (from > this.pathRunEnd) {
      // Looked at once for each run: `a/b/c/d` tries it at every slash.
      this.pathRunEnd = runEnd(text, from, path)
      this.fileEnd = -1
      for (const ending of fileEndings) {
        const last = text.slice(from, this.pathRunEnd).lastIndexOf(ending)
        if (last >= 0) this.fileEnd = Math.max(this.fileEnd, from + last + ending.length)
      }
    }
    if (this.fileEnd < from + fileEndings[0].length) return false
    this.take('file', this.fileEnd)
    return true
  }

  private scanHash(): void {
    const { text, start } = this
    const end = text.charCodeAt(start) === slash ? runEnd(text, start + 1, word) : start + 1
    this.take(end > start + 1 ? 'hash' : 'unexpected', end)
  }
}

/** Behind `name` or `name.space.name`. */
function packageNameEnd(text: string, start: number): number {
  let end = runEnd(text, start, identifier)
  while (text.charCodeAt(end) === dot && isAt(text, end + 1, word)) end = runEnd(text, end + 1, identifier)
  return end
}

/** Behind a value, or undefined when there is none: nothing that needs no quotes, or a quote that is not closed. */
function valueEnd(text: string, start: number): number | undefined {
  const quote = text.charCodeAt(start)
  if (quote === singleQuote || quote === doubleQuote) return quotedEnd(text, start)
  const end = runEnd(text, start, value)
  return end > start ? end : undefined
}

/** Quotes behind a backslash do not close, save for the last one where no other does. */
function quotedEnd(text: string, start: number): number | undefined {
  const quote = text[start]!
  let escaped: number | undefined
  for (let at = text.indexOf(quote, start + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (text.charCodeAt(at - 1) !== backslash) return at + 1
    escaped = at + 1
  }
  return escaped
}

/** Behind `git.REF` or a full commit, and behind `=VERSION` where that follows. */
function gitVersionEnd(text: string, start: number): number | undefined {
  let end = 0
  if (text.startsWith('git.', start) && isAt(text, start + 4, word)) end = runEnd(text, start + 4, path)
  else if (isCommitAt(text, start)) end = start + commitLength
  else return undefined
  return (text.charCodeAt(end) === equals ? versionEnd(text, end + 1) : undefined) ?? end
}

function isCommitAt(text: string, start: number): boolean {
  for (let at = start; at < start + commitLength; at++) if (!isAt(text, at, hex)) return false
  return true
}

/** Behind `1.2:1.4, =1.6`, or undefined when not even one version is there. */
function versionListEnd(text: string, start: number): number | undefined {
  let end = versionRangeEnd(text, runEnd(text, start, blank))
  for (let next = end; next !== undefined; ) {
    end = next
    const separator = runEnd(text, end, blank)
    next = text.charCodeAt(separator) === comma ? versionRangeEnd(text, runEnd(text, separator + 1, blank)) : undefined
  }
  return end
}

function versionRangeEnd(text: string, start: number): number | undefined {
  const first = versionEnd(text, start)
  const separator = first ?? start
  if (text.charCodeAt(separator) !== colon) return first
  const last = versionEnd(text, separator + 1)
  if (last === undefined) return separator + 1
  // In `@1.2:foo=bar` a variant follows the range. Cut where Spack cuts: `@1:b-c=d` is `@1:b-` and `c=d`.
  if (text.charCodeAt(last) !== equals) return last
  const lastStart = runEnd(text, separator + 1, word) > separator + 1 ? separator + 1 : separator + 2
  return boundaryBefore(text, lastStart, last) ?? separator + 1
}

/** Behind a version, with or without `=`; it does not end with `.` or `-`. */
function versionEnd(text: string, start: number): number | undefined {
  const first = text.charCodeAt(start) === equals ? start + 1 : start
  if (!isAt(text, first, word)) return undefined
  let end = runEnd(text, first, name)
  while (!isAt(text, end - 1, word)) end--
  return end
}

/** The last offset before `end` at which a word starts or ends and something of the version is left. */
function boundaryBefore(text: string, start: number, end: number): number | undefined {
  for (let at = end - 1; at > start; at--) if (isAt(text, at - 1, word) !== isAt(text, at, word)) return at
  return undefined
}
