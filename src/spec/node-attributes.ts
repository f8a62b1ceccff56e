// What `name=value`, `+name` and `~name` say about a node: its architecture, namespace and compiler flags have reserved
// names, everything else is a variant.

import { SpackError } from '../ui/error.ts'
import { splitWords } from './characters.ts'
import { type Arch, type CompilerFlag, type FlagKind, isFlagKind, type Spec, setVariant } from './spec.ts'
import { reservedOperatingSystems, reservedTargets } from './target.ts'
import { isOneTarget } from './target-range.ts'
import { boolVariant, parseVariant } from './variant-text.ts'

/** What aliases such as `os=fe` and `target=default_target` stand for. */
export interface HostArch {
  readonly platform: string
  readonly os: string
  readonly target: string
}

export interface Attribute {
  name: string
  /** Without quotes; a boolean for `+name` and `~name`. */
  value: string | boolean
  /** Written with `==`, `++` or `~~`. */
  propagate: boolean
  /** Written with `:=`. */
  isExact: boolean
}

type ArchPart = keyof Arch

/** Names that no variant of a recipe may have; none of them can be propagated. */
const reservedNames = [
  'arch',
  'architecture',
  'platform',
  'os',
  'operating_system',
  'target',
  'namespace',
  'branch',
  'commit',
  'dev_path',
  'patches',
  'ref',
  'tag',
]
const reserved = new Set(reservedNames)

const archParts = new Map<string, ArchPart>([
  ['platform', 'platform'],
  ['os', 'os'],
  ['operating_system', 'os'],
  ['target', 'target'],
])

/** Adds what an attribute says to a spec. Throws SpackError `spec-syntax` or `variant-value`. */
export function addAttribute(spec: Spec, attribute: Attribute, host: HostArch | undefined): void {
  const { name, value, propagate } = attribute
  if (reserved.has(name)) {
    if (propagate) throw fault(`\`${name}\` cannot be propagated`, `write \`${name}=\` with one \`=\``)
    if (addReserved(spec, name, value, host)) return
  }
  if (isFlagKind(name)) addFlags(spec, name, asText(name, value), propagate)
  else addVariant(spec, attribute)
}

const fault = (message: string, hint?: string): SpackError => new SpackError('spec-syntax', message, { hint })

function asText(name: string, value: string | boolean): string {
  if (typeof value === 'string') return value
  throw fault(`\`${name}\` is not a boolean`, `write \`${name}=VALUE\``)
}

function addVariant(spec: Spec, { name, value, propagate, isExact }: Attribute): void {
  if (spec.variants.has(name)) {
    throw fault(`variant \`${name}\` is given twice`, 'list several values of a variant as `name=a,b`')
  }
  const variant =
    typeof value === 'boolean' ? boolVariant(value, propagate) : parseVariant(value, { isExact, propagate })
  setVariant(spec, name, variant)
}

/** Words that do not start with `-` belong to the flag in front of them, as in `-I /x`. The list is of this parse. */
function addFlags(spec: Spec, kind: FlagKind, value: string, propagate: boolean): void {
  const words = splitWords(value)
  if (!words.length) return
  const group = words.join(' ')
  const flags = (spec.flags.get(kind) ?? []) as CompilerFlag[]
  let flag = words[0]!
  for (const word of words.slice(1)) {
    if (word.startsWith('-')) {
      flags.push({ flag, propagate, group })
      flag = word
    } else flag += ` ${word}`
  }
  flags.push({ flag, propagate, group })
  spec.flags = new Map(spec.flags).set(kind, flags)
}

/** Returns false for a reserved name that is a variant all the same. */
function addReserved(spec: Spec, name: string, value: string | boolean, host: HostArch | undefined): boolean {
  if (name === 'namespace') {
    spec.namespace = asText(name, value)
    return true
  }
  if (name === 'arch' || name === 'architecture') {
    const text = asText(name, value)
    const [platform, os, target, ...more] = text.split('-')
    const isTriple = target !== undefined && !more.length
    addArch(spec, isTriple ? { platform, os, target } : { platform: null, os: null, target: text }, host)
    return true
  }
  const part = archParts.get(name)
  if (!part) return false
  addArch(spec, { [part]: part === 'target' && value !== false ? asText(name, value) : value }, host)
  return true
}

/** Each part can be given once. */
function addArch(
  spec: Spec,
  given: Partial<Record<ArchPart, string | boolean | null>>,
  host: HostArch | undefined,
): void {
  const { arch } = spec
  if (arch?.platform && arch.os && arch.target && isOneTarget(arch.target)) {
    throw fault('the architecture is given twice')
  }
  const added = { platform: null, os: null, target: null, ...arch }
  for (const part of Object.keys(given) as ArchPart[]) {
    if (arch?.[part]) throw fault(`\`${part}=\` is given twice`)
    added[part] = archWord(part, given[part] ?? null, arch === null)
  }
  spec.arch = resolveAliases(added, host)
}

/**
 * `None` and `~os` leave a part open. As in Spack they do so at the first mention of the architecture only, and are the
 * words `None` and `False` later; a target they leave open anywhere.
 */
function archWord(part: ArchPart, value: string | boolean | null, isFirst: boolean): string | null {
  if (value === null || value === '') return null
  const leavesOpen = value === false || value === 'None'
  if (leavesOpen && (isFirst || part === 'target')) return null
  return typeof value === 'boolean' ? booleanWords[Number(value)]! : value
}

const booleanWords = ['False', 'True']

function resolveAliases(arch: Arch, host: HostArch | undefined): Arch {
  const { platform, os, target } = arch
  const isOsAlias = os !== null && reservedOperatingSystems.includes(os)
  const isTargetAlias = target !== null && reservedTargets.includes(target)
  if (!isOsAlias && !isTargetAlias) return arch
  const alias = isOsAlias ? os : target
  if (!host) throw fault(`\`${alias}\` stands for what the host has, which is not known here`, 'name it')
  if (platform !== null && platform !== host.platform) {
    throw fault(`\`${alias}\` stands for what the host has, which is of platform \`${host.platform}\``, 'name it')
  }
  return { platform: host.platform, os: isOsAlias ? host.os : os, target: isTargetAlias ? host.target : target }
}
