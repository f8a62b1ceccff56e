// Reads specs from text. The grammar, with the tokens of `scanner.ts`:
//
//   spec       = node { edge node | `%`toolchain }
//   node       = file | [name] { version | variant | hash }
//   edge       = (`^` | `%` | `%%`) [virtuals `=`]
//              | (`^[` | `%[` | `%%[`) { deptypes=… | virtuals=… | when=… } `]` [virtuals `=`]
//
// `^` is a dependency somewhere below the root; `%` is a direct dependency of the node in front of it that is the root
// or follows a `^`. A text of several specs goes on with the next one where no more can belong to the last.

import { SpackError } from '../ui/error.ts'
import { equalSpecs } from './compare.ts'
import { compilerPackage } from './compiler-names.ts'
import { constrain } from './constrain.ts'
import { DependencyList } from './dependency-list.ts'
import { markedLine } from './marked-line.ts'
import { addAttribute, type HostArch } from './node-attributes.ts'
import { quoteArgument, unquoteValue, withoutOuterQuotes } from './quoting.ts'
import { Scanner } from './scanner.ts'
import { type DeptypeMask, deptypeBits, type Edge, emptySpec, type Spec } from './spec.ts'
import { type Toolchains, toolchainSpec } from './toolchain.ts'
import { parseVersionList } from './version-list.ts'

export interface ParseOptions {
  /** The `toolchains` section: what `%name` stands for. */
  toolchains?: Toolchains
  /** What `os=fe`, `target=default_target` and the like stand for. May detect it when it is asked. */
  host?: HostArch
  /** Reads the spec in a file that is given in place of a name; `spec-file.ts` has one. Without it files are refused. */
  readSpecFile?: (path: string) => Spec
}

/** Reads exactly one spec. Throws SpackError `spec-syntax`, with the text and a mark at the fault as detail. */
export function parseSpec(text: string, options: ParseOptions = {}): Spec {
  const parser = new Parser(text, options)
  const spec = parser.parseNext()
  parser.expectEnd()
  return spec
}

/** Reads any number of specs, without separators but for blanks. Throws as `parseSpec`. */
export function parseSpecs(text: string, options: ParseOptions = {}): Spec[] {
  const parser = new Parser(text, options)
  const specs: Spec[] = []
  while (parser.hasMore()) specs.push(parser.parseNext())
  return specs
}

/** Reads the specs in the words of a command line, from which a shell took the quotes. Throws as `parseSpec`. */
export function parseSpecArguments(words: readonly string[], options: ParseOptions = {}): Spec[] {
  return parseSpecs(words.map(quoteArgument).join(' '), options)
}

type EdgeAttributes = Pick<Edge, 'deptypes' | 'virtuals' | 'when'>

const always = emptySpec()

class Parser {
  private readonly scanner: Scanner
  private readonly options: ParseOptions
  /** The edges, so far, of the nodes of the spec that is being read. */
  private dependencies: Map<Spec, DependencyList> | null = null
  /** Toolchains that were applied to nodes of the spec; once more would change nothing. */
  private applied: Map<Spec, Set<string>> | null = null

  constructor(text: string, options: ParseOptions) {
    this.scanner = new Scanner(text)
    this.options = options
  }

  private isAtEnd(): boolean {
    return this.scanner.kind === 'end'
  }

  hasMore(): boolean {
    const { kind } = this.scanner
    if (kind === 'edge-end') throw this.fault('there is no `[` for this `]`')
    if (kind === 'unexpected') throw this.unexpected()
    return !this.isAtEnd()
  }

  /** Complains of what is no token before it complains of a second spec, which may start where a quote is not closed. */
  expectEnd(): void {
    if (!this.hasMore()) return
    const second = this.fault('expected a single spec, but another one starts here')
    while (this.hasMore()) this.scanner.next()
    throw second
  }

  parseNext(): Spec {
    const { scanner } = this
    const root = emptySpec()
    this.parseNode(root)
    let current = root
    while (scanner.kind === 'edge' || scanner.kind === 'edge-start') {
      const { kind, start, text } = scanner
      const direct = text.charAt(start) === '%'
      const propagate = direct && text.charAt(start + 1) === '%'
      const attributes = kind === 'edge' ? this.parseVirtuals() : this.parseEdgeAttributes()
      if (direct && kind === 'edge' && !attributes.virtuals.length) {
        if (this.isAtEnd()) throw this.fault('nothing follows the `%`', 'name a compiler or another package')
        if (this.applyToolchain(current, propagate)) continue
      }
      const child = emptySpec()
      this.parseNode(child)
      if (direct && child.name) child.name = compilerPackage(child.name)
      const parent = direct ? current : root
      try {
        this.dependenciesOf(parent).add({ child, direct, propagate, ...attributes })
      } catch (error) {
        throw this.located(error, start, scanner.start)
      }
      // As in Spack, what follows the second mention of a dependency as its own `%` is lost: `a ^b ^b %gcc`.
      if (!direct) current = child
    }
    if (this.dependencies) for (const [parent, list] of this.dependencies) parent.edges = list.edges()
    this.dependencies = null
    this.applied = null
    return root
  }

  private dependenciesOf(parent: Spec): DependencyList {
    if (parent.concrete) throw this.fault('a spec from a file takes no further dependencies')
    this.dependencies ??= new Map()
    let list = this.dependencies.get(parent)
    if (!list) this.dependencies.set(parent, (list = new DependencyList(parent.edges)))
    return list
  }

  /** Applies the toolchain that the token names; returns false if there is none of that name. */
  private applyToolchain(spec: Spec, propagate: boolean): boolean {
    const { kind, text, start, end } = this.scanner
    const { toolchains } = this.options
    const name = text.slice(start, end)
    if (kind !== 'name' || !toolchains || !Object.hasOwn(toolchains, name)) return false
    this.scanner.next()
    this.applied ??= new Map()
    let applied = this.applied.get(spec)
    if (!applied) this.applied.set(spec, (applied = new Set()))
    if (applied.has(name)) return true
    applied.add(name)
    const known = this.dependencies?.get(spec)
    if (known) spec.edges = known.edges()
    this.dependencies?.delete(spec)
    try {
      const toolchain = toolchainSpec(toolchains, name, propagate, (part) => parseSpec(part, this.options))
      constrain(spec, toolchain)
    } catch (error) {
      throw this.located(error, start, end)
    }
    return true
  }

  /** Reads what belongs to one node, up to the next edge or the next spec. */
  private parseNode(spec: Spec): void {
    const { scanner } = this
    const { text } = scanner
    switch (scanner.kind) {
      case 'file':
        this.parseFile(spec)
        return
      case 'name':
        if (text.charAt(scanner.start) !== '*') spec.name = text.slice(scanner.start, scanner.end)
        scanner.next()
        break
      case 'qualified-name': {
        const lastDot = text.lastIndexOf('.', scanner.end - 1)
        spec.namespace = text.slice(scanner.start, lastDot)
        spec.name = text.slice(lastDot + 1, scanner.end)
        scanner.next()
      }
    }
    for (let hasVersion = false; ; scanner.next()) {
      switch (scanner.kind) {
        case 'version':
          if (hasVersion) throw this.fault('a spec has one `@`', 'separate versions by commas: `@1.2,1.4:`')
          hasVersion = true
          this.parseVersion(spec)
          break
        case 'bool':
        case 'propagated-bool':
          this.parseBool(spec)
          break
        case 'key-value':
        case 'propagated-key-value':
          this.parseKeyValue(spec)
          break
        case 'hash':
          if (spec.abstractHash !== null) return
          spec.abstractHash = text.slice(scanner.start + 1, scanner.end)
          break
        default:
          return
      }
    }
  }

  private parseFile(spec: Spec): void {
    const { text, start, end } = this.scanner
    const { readSpecFile } = this.options
    if (!readSpecFile) throw this.fault('a file cannot stand for a spec here')
    Object.assign(spec, readSpecFile(text.slice(start, end)))
    this.scanner.next()
  }

  private parseVersion(spec: Spec): void {
    const { text, start, end } = this.scanner
    try {
      spec.versions = parseVersionList(text.slice(start + 1, end))
    } catch (error) {
      throw this.located(error, start, end)
    }
  }

  private parseBool(spec: Spec): void {
    const { kind, text, start, end } = this.scanner
    const propagate = kind === 'propagated-bool'
    const name = text.slice(start + (propagate ? 2 : 1), end).trimStart()
    this.addAttribute(spec, { name, value: text.charAt(start) === '+', propagate, isExact: true })
  }

  private parseKeyValue(spec: Spec): void {
    const { kind, text, start, end, nameEnd, valueStart } = this.scanner
    const name = text.slice(start, nameEnd)
    const isExact = text.charAt(nameEnd) === ':'
    const value = unquoteValue(text.slice(valueStart, end))
    this.addAttribute(spec, { name, value, propagate: kind === 'propagated-key-value', isExact })
  }

  private addAttribute(spec: Spec, attribute: Parameters<typeof addAttribute>[1]): void {
    try {
      addAttribute(spec, attribute, this.options.host)
    } catch (error) {
      throw this.located(error, this.scanner.start, this.scanner.end)
    }
  }

  private parseVirtuals(): EdgeAttributes {
    const { virtuals } = this.scanner
    this.scanner.next()
    return { deptypes: 0, virtuals: virtuals ? virtuals.split(',') : [], when: null }
  }

  private parseEdgeAttributes(): EdgeAttributes {
    const { scanner } = this
    let [deptypes, when]: [DeptypeMask, Spec | null] = [0, null]
    let virtuals: string[] = []
    for (scanner.next(); scanner.kind !== 'edge-end'; scanner.next()) {
      if (scanner.kind === 'unexpected') throw this.unexpected()
      if (scanner.kind !== 'key-value') {
        throw this.fault('expected `]` or an attribute of the edge', edgeAttributeHint)
      }
      const { text, start, end, nameEnd, valueStart } = scanner
      // As in Spack, a condition ends at the first comma.
      const values = withoutOuterQuotes(text.slice(valueStart, end)).split(',')
      switch (text.slice(start, nameEnd)) {
        case 'deptypes':
          deptypes = this.parseDeptypes(values)
          break
        case 'virtuals':
          virtuals = values
          break
        case 'when':
          when = this.parseCondition(values[0]!)
          break
        default:
          throw this.fault('this is no attribute of an edge', edgeAttributeHint)
      }
    }
    const assigned = this.parseVirtuals()
    return { deptypes, virtuals: [...virtuals, ...assigned.virtuals], when }
  }

  private parseDeptypes(names: readonly string[]): DeptypeMask {
    let mask = 0
    for (const name of names) {
      const bit = Object.hasOwn(deptypeBits, name) ? deptypeBits[name as keyof typeof deptypeBits] : undefined
      if (!bit) throw this.fault(`\`${name}\` is not a deptype`, 'deptypes are build, link, run and test')
      mask |= bit
    }
    return mask
  }

  private parseCondition(text: string): Spec | null {
    const { start, end } = this.scanner
    if (!text.trim()) throw this.fault('the condition is empty', 'leave it out, or write it as `when=+variant`')
    try {
      const condition = parseSpec(text, this.options)
      return equalSpecs(condition, always) ? null : condition
    } catch (error) {
      throw this.located(error, start, end)
    }
  }

  private fault(message: string, hint?: string): SpackError {
    const { text, start, end } = this.scanner
    return new SpackError('spec-syntax', message, { hint, detail: markedLine(text, start, end) })
  }

  private unexpected(): SpackError {
    const { text, start } = this.scanner
    const quoteAt = openQuoteAt(text, start)
    if (quoteAt >= 0) {
      const detail = markedLine(text, quoteAt, quoteAt + 1)
      return new SpackError('spec-syntax', 'the quote is not closed', {
        detail,
        hint: `end the value with ${text[quoteAt]}`,
      })
    }
    const character = String.fromCodePoint(text.codePointAt(start)!)
    return this.fault(`unexpected \`${character}\``, unexpectedHints[character] ?? quoteHint)
  }

  /** An error of a part of the text, with the place of that part. Errors that are no explanation stay as they are. */
  private located(error: unknown, start: number, end: number): unknown {
    if (!(error instanceof SpackError)) return error
    const detail = markedLine(this.scanner.text, start, end)
    return new SpackError('spec-syntax', error.message, { hint: error.hint, detail, cause: error })
  }
}

/** Where the quote is that makes the character at `start` no token: `name="…`; -1 when there is none. */
function openQuoteAt(text: string, start: number): number {
  const at = text.charAt(start) === '=' ? start + 1 : start
  const isQuote = text.charAt(at) === '"' || text.charAt(at) === "'"
  return isQuote && text.charAt(at - 1) === '=' ? at : -1
}

const edgeAttributeHint = 'it has `deptypes=`, `virtuals=` and `when=`, as in `^[virtuals=mpi] mpich`'
const quoteHint = "a value with other characters than letters, digits and `-+*.,:=%^~/\\` needs quotes: `name='a (b)'`"

/** What to write instead, by the character that started no token. */
const unexpectedHints: Readonly<Record<string, string>> = {
  '"': "only values have quotes: `name='a b'`",
  "'": "only values have quotes: `name='a b'`",
  '=': 'a value follows its name without blanks, as in `name=value`',
  '@': 'a version follows, as in `@1.2`, `@1.2:1.4` or `@=1.2`',
  ':': 'a range of versions follows an `@` without blanks inside, as in `@1.2:1.4`',
  ',': 'versions and values are listed without blanks; specs are separated by blanks alone',
  '+': 'the name of a variant follows, as in `+shared`',
  '~': 'the name of a variant follows, as in `~shared`',
  '-': 'the name of a variant follows, as in `-shared`',
  '/': 'a hash follows without blanks, as in `/abc123`',
  '.': 'a name starts with a letter, a digit or `_`; the name of a file ends with `.json` or `.yaml`',
  '[': 'attributes of an edge follow its sigil without blanks, as in `^[virtuals=mpi] mpich`',
  '#': 'there are no comments in specs',
}
