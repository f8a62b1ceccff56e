// Decides `when:` conditions of definitions and includes. They are Python expressions over a few names:
//
//   platform, os, target, hostname   texts about this machine
//   arch_str                         `platform=… os=… target=…`
//   arch, architecture               the same as a spec: `.satisfies('target=x86_64:')`, `.platform`, `'os=x' in arch`
//   env                              environment variables: `env['X']`, `env.get('X', 'default')`, `'X' in env`
//   re                               `re.match`, `re.search`, `re.fullmatch`
//   int, len, str, any, all          as in Python
//
// A closed set of operations is known, and nothing of JavaScript can be reached: manifests may come from anywhere.

import { didYouMean } from '../ui/suggestion.ts'
import { type Comparison, conditionError, type Expression, parseCondition } from './condition-syntax.ts'

export interface ConditionContext {
  platform: string
  os: string
  target: string
  hostname: string
  environ: Readonly<Record<string, string | undefined>>
  /** Whether the spec of this machine satisfies the spec that a text describes. */
  satisfies: (spec: string) => boolean
}

/** Values that an expression can have. Python's tuples and generators are lists here. */
type Value = string | number | boolean | null | readonly Value[] | Thing
type Thing =
  | { kind: 'environment' }
  | { kind: 'arch' }
  | { kind: 're' }
  | { kind: 'match'; groups: readonly (string | null)[] }
  | { kind: 'function'; name: string; call: (args: readonly Value[]) => Value }

type Names = ReadonlyMap<string, Value>
type Complain = (message: string, hint?: string) => Error

/** Whether a condition holds. Throws SpackError `condition` where it is no expression, or one that has no answer. */
export function holdsCondition(text: string, context: ConditionContext): boolean {
  const evaluation = new Evaluation(text, context)
  return isTrue(evaluation.evaluate(parseCondition(text), baseNames(context)))
}

const functions: Readonly<Record<string, (args: readonly Value[], complain: Complain) => Value>> = {
  int: ([value], complain) => {
    if (typeof value === 'number') return Math.trunc(value)
    if (typeof value === 'boolean') return Number(value)
    if (typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value)) return Number(value)
    throw complain(`\`int\` needs a whole number, not ${show(value ?? null)}`)
  },
  str: ([value]) => toText(value ?? ''),
  len: ([value], complain) => {
    if (typeof value === 'string') return [...value].length
    if (isList(value)) return value.length
    throw complain(`\`len\` needs a text or a list, not ${show(value ?? null)}`)
  },
  any: ([value], complain) => items(value ?? null, complain).some(isTrue),
  all: ([value], complain) => items(value ?? null, complain).every(isTrue),
}

const regexFunctions: Readonly<Record<string, (pattern: string) => string>> = {
  match: (pattern) => `^(?:${pattern})`,
  search: (pattern) => pattern,
  fullmatch: (pattern) => `^(?:${pattern})$`,
}
/** Values of Python's flags of regular expressions, by name. */
const regexFlags: Readonly<Record<string, number>> = { I: 2, IGNORECASE: 2 }

const textMethods: Readonly<Record<string, (text: string, args: readonly Value[], complain: Complain) => Value>> = {
  startswith: (text, args, complain) => anyText(args[0], complain).some((start) => text.startsWith(start)),
  endswith: (text, args, complain) => anyText(args[0], complain).some((end) => text.endsWith(end)),
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  strip: (text, args) => trim(text, args[0], true, true),
  lstrip: (text, args) => trim(text, args[0], true, false),
  rstrip: (text, args) => trim(text, args[0], false, true),
  split: (text, args) => (typeof args[0] === 'string' && args[0] ? text.split(args[0]) : (text.match(/\S+/g) ?? [])),
  replace: (text, args, complain) => text.replaceAll(asText(args[0], complain), asText(args[1], complain)),
  find: (text, args, complain) => text.indexOf(asText(args[0], complain)),
  count: (text, args, complain) => text.split(asText(args[0], complain)).length - 1,
  isdigit: (text) => /^\d+$/.test(text),
  join: (text, args, complain) =>
    items(args[0] ?? null, complain)
      .map((item) => asText(item, complain))
      .join(text),
}

function baseNames(context: ConditionContext): Names {
  const { platform, os, target, hostname } = context
  const arch: Value = { kind: 'arch' }
  const names = new Map<string, Value>(
    Object.entries({ platform, os, target, hostname, arch, architecture: arch, arch_str: archText(context) }),
  )
  names.set('env', { kind: 'environment' })
  names.set('re', { kind: 're' })
  return names
}

const archText = ({ platform, os, target }: ConditionContext): string =>
  `platform=${platform} os=${os} target=${target}`

class Evaluation {
  private readonly text: string
  private readonly context: ConditionContext

  constructor(text: string, context: ConditionContext) {
    this.text = text
    this.context = context
  }

  evaluate(expression: Expression, names: Names): Value {
    const complain: Complain = (message, hint) => conditionError(this.text, expression.at, message, hint)
    const value = (inner: Expression): Value => this.evaluate(inner, names)
    switch (expression.kind) {
      case 'literal':
        return expression.value
      case 'format':
        return expression.parts.map((part) => (typeof part === 'string' ? part : toText(value(part)))).join('')
      case 'name':
        return this.lookUp(expression.name, names, complain)
      case 'list':
        return expression.items.map(value)
      case 'not':
        return !isTrue(value(expression.operand))
      case 'negative':
        return -asNumber(value(expression.operand), complain)
      case 'and': {
        const left = value(expression.left)
        return isTrue(left) ? value(expression.right) : left
      }
      case 'or': {
        const left = value(expression.left)
        return isTrue(left) ? left : value(expression.right)
      }
      case 'sum':
        return sum(value(expression.left), expression.operator, value(expression.right), complain)
      case 'comparison': {
        let left = value(expression.first)
        for (const [operator, operand] of expression.rest) {
          const right = value(operand)
          if (!this.compare(left, operator, right, complain)) return false
          left = right
        }
        return true
      }
      case 'choice':
        return isTrue(value(expression.condition)) ? value(expression.then) : value(expression.otherwise)
      case 'attribute':
        return this.attribute(value(expression.object), expression.name, complain)
      case 'index':
        return this.index(value(expression.object), value(expression.index), complain)
      case 'slice': {
        const [from, to] = [expression.from, expression.to].map((end) => end && asNumber(value(end), complain))
        return slice(value(expression.object), from ?? undefined, to ?? undefined, complain)
      }
      case 'call': {
        const callee = value(expression.callee)
        if (!isThing(callee) || callee.kind !== 'function') throw complain(`${show(callee)} is not a function`)
        return callee.call(expression.args.map(value))
      }
      case 'generator': {
        const { name, element, filter } = expression
        const worlds = items(value(expression.items), complain).map((item) => new Map(names).set(name, item))
        return worlds
          .filter((world) => !filter || isTrue(this.evaluate(filter, world)))
          .map((world) => this.evaluate(element, world))
      }
    }
  }

  private lookUp(name: string, names: Names, complain: Complain): Value {
    const found = names.get(name)
    if (found !== undefined) return found
    const call = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (call) return { kind: 'function', name, call: (args) => call(args, complain) }
    const known = [...names.keys(), ...Object.keys(functions)]
    throw complain(
      `\`${name}\` is not a name that conditions know`,
      didYouMean(name, known) ?? `known are ${known.map((each) => `\`${each}\``).join(', ')}`,
    )
  }

  private attribute(object: Value, name: string, complain: Complain): Value {
    const method = (call: (args: readonly Value[]) => Value): Value => ({ kind: 'function', name, call })
    if (typeof object === 'string' && Object.hasOwn(textMethods, name)) {
      return method((args) => textMethods[name]!(object, args, complain))
    }
    if (isThing(object)) {
      if (object.kind === 'environment' && name === 'get') {
        return method(([key, otherwise]) => this.variable(asText(key, complain)) ?? otherwise ?? null)
      }
      if (object.kind === 'arch') {
        if (name === 'satisfies') return method(([spec]) => this.context.satisfies(asText(spec, complain)))
        if (name === 'platform' || name === 'os' || name === 'target') return this.context[name]
      }
      if (object.kind === 're') {
        if (Object.hasOwn(regexFlags, name)) return regexFlags[name]!
        if (Object.hasOwn(regexFunctions, name)) return method((args) => matchRegex(name, args, complain))
      }
      if (object.kind === 'match' && name === 'group') {
        return method(([index]) => object.groups[index === undefined ? 0 : asNumber(index, complain)] ?? null)
      }
    }
    throw complain(`${show(object)} has nothing named \`${name}\` that conditions know`)
  }

  private index(object: Value, index: Value, complain: Complain): Value {
    if (isThing(object) && object.kind === 'environment') {
      const found = this.variable(asText(index, complain))
      if (found !== undefined) return found
      throw complain(
        `the environment variable \`${String(index)}\` is not set`,
        `\`env.get('${String(index)}')\` gives None instead`,
      )
    }
    if (typeof object !== 'string' && !isList(object)) throw complain(`${show(object)} has no parts to pick from`)
    const found = object.at(asNumber(index, complain))
    if (found === undefined) throw complain(`${show(object)} has no part number ${String(index)}`)
    return found
  }

  private variable(name: string): string | undefined {
    return Object.hasOwn(this.context.environ, name) ? this.context.environ[name] : undefined
  }

  private compare(left: Value, operator: Comparison, right: Value, complain: Complain): boolean {
    switch (operator) {
      case '==':
      case 'is':
        return areEqual(left, right)
      case '!=':
      case 'is not':
        return !areEqual(left, right)
      case 'in':
        return this.contains(right, left, complain)
      case 'not in':
        return !this.contains(right, left, complain)
      default:
        return isOrdered(left, operator, right, complain)
    }
  }

  private contains(container: Value, item: Value, complain: Complain): boolean {
    if (typeof container === 'string') return container.includes(asText(item, complain))
    if (isList(container)) return container.some((each) => areEqual(each, item))
    if (isThing(container) && container.kind === 'environment')
      return this.variable(asText(item, complain)) !== undefined
    if (isThing(container) && container.kind === 'arch') return this.context.satisfies(asText(item, complain))
    throw complain(`nothing can be \`in\` ${show(container)}`)
  }
}

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)
const isThing = (value: Value | undefined): value is Thing =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isTrue(value: Value): boolean {
  return isList(value) ? value.length > 0 : Boolean(value)
}

function areEqual(left: Value, right: Value): boolean {
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, i) => areEqual(item, right[i]!))
  }
  const plain = (value: Value) => (typeof value === 'boolean' ? Number(value) : value)
  return plain(left) === plain(right)
}

function isOrdered(left: Value, operator: '<' | '<=' | '>' | '>=', right: Value, complain: Complain): boolean {
  const areTexts = typeof left === 'string' && typeof right === 'string'
  if (!areTexts && !(isNumeric(left) && isNumeric(right))) {
    throw complain(`${show(left)} and ${show(right)} have no order`)
  }
  const order = areTexts ? (left < right ? -1 : left > right ? 1 : 0) : Number(left) - Number(right)
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0
}

const isNumeric = (value: Value): boolean => typeof value === 'number' || typeof value === 'boolean'

function sum(left: Value, operator: '+' | '-', right: Value, complain: Complain): Value {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right
  if (operator === '+' && isList(left) && isList(right)) return [...left, ...right]
  return asNumber(left, complain) + (operator === '+' ? 1 : -1) * asNumber(right, complain)
}

function slice(object: Value, from: number | undefined, to: number | undefined, complain: Complain): Value {
  if (typeof object === 'string' || isList(object)) return object.slice(from, to)
  throw complain(`${show(object)} has no parts to pick from`)
}

function items(value: Value, complain: Complain): readonly Value[] {
  if (isList(value)) return value
  if (typeof value === 'string') return [...value]
  throw complain(`${show(value)} is not a list`)
}

const anyText = (value: Value | undefined, complain: Complain): readonly string[] =>
  isList(value) ? value.map((each) => asText(each, complain)) : [asText(value, complain)]

function asText(value: Value | undefined, complain: Complain): string {
  if (typeof value === 'string') return value
  throw complain(`a text is needed here, not ${show(value ?? null)}`)
}

function asNumber(value: Value, complain: Complain): number {
  if (isNumeric(value)) return Number(value)
  throw complain(`a number is needed here, not ${show(value)}`)
}

function trim(text: string, characters: Value | undefined, atStart: boolean, atEnd: boolean): string {
  const isTrimmed = (char: string) => (typeof characters === 'string' ? characters.includes(char) : /\s/.test(char))
  let [start, end] = [0, text.length]
  while (atStart && start < end && isTrimmed(text[start]!)) start++
  while (atEnd && end > start && isTrimmed(text[end - 1]!)) end--
  return text.slice(start, end)
}

function matchRegex(name: string, args: readonly Value[], complain: Complain): Value {
  const [pattern, text] = [asText(args[0], complain), asText(args[1], complain)]
  const flags = args[2] === undefined ? 0 : asNumber(args[2], complain)
  const found = compileRegex(regexFunctions[name]!(modernRegex(pattern)), flags & 2 ? 'i' : '', complain).exec(text)
  return found && { kind: 'match', groups: found.map((group) => group ?? null) }
}

/** Python's spelling of named groups and of the ends of the text in JavaScript's. */
const modernRegex = (pattern: string): string =>
  pattern
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll('\\Z', '$')

function compileRegex(pattern: string, flags: string, complain: Complain): RegExp {
  try {
    return new RegExp(pattern, flags)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw complain(`\`${pattern}\` is not a regular expression that is understood here`)
  }
}

function toText(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (isList(value)) return `[${value.map(show).join(', ')}]`
  return isThing(value) ? value.kind : String(value)
}

const show = (value: Value): string => (typeof value === 'string' ? `'${value}'` : `\`${toText(value)}\``)
