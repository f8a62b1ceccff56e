// The canonical text of a spec: parsed again it gives the same spec, up to what the language cannot say (namespaces of
// named nodes).

import { compilerName } from './compiler-names.ts'
import { quoteValue } from './quoting.ts'
import { deptypeNames, type Edge, type FlagKind, type Spec, type Variant } from './spec.ts'
import { compareTexts } from './text-order.ts'
import { printVariant } from './variant-text.ts'
import { anyVersion, exactVersion, printVersionList } from './version-list.ts'

/** The text of a whole spec; of a concrete one its name, version and hash. */
export function printSpec(spec: Spec): string {
  if (spec.concrete) return `${spec.name ?? ''}${concreteVersion(spec)}/${spec.concrete.hash}`
  if (!spec.edges.length) return printNode(spec)
  const parts = [printNode(spec)]
  printDependencies(spec, parts)
  return parts.join(' ').trim()
}

/** The text of a node without its dependencies: all that it constrains, be it concrete or not. */
export function printNode(spec: Spec): string {
  const { name, versions, flags, variants, arch } = spec
  let text = name ?? ''
  const versionText = versions === anyVersion ? ':' : printVersionList(versions)
  if (versionText && versionText !== ':') text += `@${versionText}`
  if (flags.size) text += printFlags(flags)
  if (variants.size) text += printVariants(variants)
  if (!name && spec.namespace) text += ` namespace=${spec.namespace}`
  if (arch?.platform) text += ` platform=${arch.platform}`
  if (arch?.os) text += ` os=${arch.os}`
  if (arch?.target) text += ` target=${arch.target}`
  if (spec.abstractHash) text += `/${spec.abstractHash}`
  return text.trim()
}

function concreteVersion({ versions }: Spec): string {
  const version = exactVersion(versions)
  return version ? `@${version.text}` : ''
}

/** ` cflags=-O2 cxxflags=='-O1 -g' `, with a blank at both ends as Spack has it; empty when there are no flags. */
export function printFlags(flags: Spec['flags']): string {
  const parts: string[] = []
  const kinds = [...flags.keys()].sort()
  for (const kind of kinds) {
    const own = printFlagValue(flags, kind, false)
    const propagated = printFlagValue(flags, kind, true)
    if (own) parts.push(` ${kind}=${quoteValue(own)}`)
    if (propagated) parts.push(` ${kind}==${quoteValue(propagated)}`)
  }
  return parts.length ? `${parts.join('')} ` : ''
}

function printFlagValue(flags: Spec['flags'], kind: FlagKind, propagate: boolean): string {
  const chosen = flags.get(kind)!.filter((flag) => flag.propagate === propagate)
  return chosen.map(({ flag }) => flag).join(' ')
}

/** `+a~b c=d`: booleans first, so that no `~` follows a blank, which some shells would expand. */
export function printVariants(variants: ReadonlyMap<string, Variant>): string {
  let bools = ''
  let others = ''
  for (const name of sortNames(variants)) {
    const variant = variants.get(name)!
    if (variant.kind === 'bool') bools += printVariant(name, variant)
    else others += ` ${printVariant(name, variant)}`
  }
  return bools + others
}

/** Names of variants are ASCII, where code units and code points are the same. */
const sortNames = (variants: ReadonlyMap<string, Variant>): string[] =>
  variants.size < 2 ? [...variants.keys()] : [...variants.keys()].sort()

/** Appends the texts of the edges of a node, `%` before `^`, and behind each `^` those of its child. */
function printDependencies(spec: Spec, parts: string[]): void {
  const isDirect = (edge: Edge) => edge.direct || spec.concrete !== null
  const edges = sortByChild(spec.edges)
  for (const edge of edges) if (isDirect(edge)) parts.push(printEdge(edge, edge.propagate ? '%%' : '%'))
  for (const edge of edges) {
    if (isDirect(edge)) continue
    parts.push(printEdge(edge, '^'))
    printDependencies(edge.child, parts)
  }
}

const sortByChild = (edges: readonly Edge[]): readonly Edge[] =>
  edges.length < 2 ? edges : [...edges].sort((a, b) => compareTexts(a.child.name ?? '', b.child.name ?? ''))

function printEdge(edge: Edge, sigil: '^' | '%' | '%%'): string {
  const { child, virtuals } = edge
  const name = child.name && sigil !== '^' ? compilerName(child.name) : child.name
  const text = printNode(name === child.name ? child : { ...child, name })
  const assignment = virtuals.length ? `${virtuals.join(',')}=` : ''
  return sigil + printAttributes(edge) + (needsStar(edge, text) ? '*' : '') + assignment + text
}

function printAttributes({ when, deptypes }: Edge): string {
  const parts: string[] = []
  if (when) parts.push(`when='${printSpec(when)}'`)
  if (deptypes) parts.push(`deptypes=${deptypeNames(deptypes).join(',')}`)
  return parts.length ? `[${parts.join(' ')}] ` : ''
}

/** Whether a child without a name would be read as an assignment of virtuals, or as nothing at all. */
function needsStar({ child, virtuals }: Edge, text: string): boolean {
  if (child.name) return false
  if (virtuals.length) return true
  if (text.startsWith('@')) return false
  const startsWithBool = [...child.variants.values()].some(({ kind }) => kind === 'bool')
  return child.flags.size > 0 || child.arch !== null || !startsWithBool
}
