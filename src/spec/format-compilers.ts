// The compilers of a spec in format strings: `{compiler}`, the first that there is, and `{compilers}`, all of them as
// they would be written after the spec.

import { compilerName } from './compiler-names.ts'
import { printSpec } from './print.ts'
import type { Edge, Spec } from './spec.ts'
import { compareTexts } from './text-order.ts'
import { exactVersion, isAnyVersion, printVersionList } from './version-list.ts'

const languages = ['c', 'cxx', 'fortran'] as const

/** The compiler of the first language that has one; null when none has. */
export function findCompiler(spec: Spec): Spec | null {
  if (hasLegacyCompiler(spec)) return spec.concrete!.legacyCompiler
  for (const language of languages) {
    const edge = spec.edges.find(({ virtuals }) => virtuals.includes(language))
    if (edge) return edge.child
  }
  return null
}

const hasLegacyCompiler = ({ concrete }: Spec): boolean => concrete !== null && concrete.originalSpecfileVersion < 5

/** ` %c,cxx=gcc@12.2.0 …`, with a blank in front also where there are none. */
export function formatCompilers(spec: Spec): string {
  if (hasLegacyCompiler(spec)) {
    const compiler = findCompiler(spec)
    return ` %${compiler ? printSpec(compiler) : 'none'}`
  }
  return ` ${formatEdges(spec).join(' ')}`
}

function formatEdges(spec: Spec): string[] {
  const edges = spec.edges.filter(({ virtuals }) => languages.some((language) => virtuals.includes(language)))
  edges.sort(compareNames)
  const isDirect = (edge: Edge) => spec.concrete !== null || edge.direct
  // What is direct is called as it would be after `%`.
  const direct = edges
    .filter(isDirect)
    .map((edge) => formatEdge(edge, edge.propagate ? '%%' : '%', edge.child.name && compilerName(edge.child.name)))
  const transitive = edges.filter((edge) => !isDirect(edge))
  return [
    ...direct,
    ...transitive.flatMap((edge) => [formatEdge(edge, '%', edge.child.name), ...formatEdges(edge.child)]),
  ]
}

const compareNames = (a: Edge, b: Edge): number => compareTexts(a.child.name ?? '', b.child.name ?? '')

function formatEdge({ child, virtuals, when }: Edge, sigil: string, name: string | null): string {
  const condition = when ? `[when='${printSpec(when)}'] ` : ''
  return `${sigil}${condition}${child.name ? '' : '*'}${virtuals.join(',')}=${name ?? ''}${versionAfterAt(child)}`
}

/** `@12.2.0`: an exact version without `=`, nothing for any version. */
function versionAfterAt({ versions }: Spec): string {
  const exact = exactVersion(versions)
  if (exact) return `@${exact.text}`
  return isAnyVersion(versions) ? '' : `@${printVersionList(versions)}`
}
