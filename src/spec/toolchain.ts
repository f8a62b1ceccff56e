// Toolchains: names in the `toolchains` section for direct dependencies that go together, `%name` in a spec.

import { SpackError } from '../ui/error.ts'
import { constrain } from './constrain.ts'
import { copySpec, emptySpec, type Spec } from './spec.ts'
import { sortedEdges } from './traverse-edges.ts'

/** A spec such as `%gcc@12`, or a list of such, each for some specs only. */
export type Toolchain = string | readonly { readonly spec: string; readonly when?: string }[]
export type Toolchains = Readonly<Record<string, Toolchain>>

/** Toolchains that were read before, and null for one that is being read. */
const known = new WeakMap<Toolchains, Map<string, Spec | null>>()

/**
 * What a toolchain asks for, as a spec of the caller's own. `parse` reads the texts in it. Throws SpackError
 * `toolchain-invalid` when it is no list of direct dependencies or stands for itself, and as `parse` and `constrain`.
 */
export function toolchainSpec(
  toolchains: Toolchains,
  name: string,
  propagate: boolean,
  parse: (text: string) => Spec,
): Spec {
  let specs = known.get(toolchains)
  if (!specs) known.set(toolchains, (specs = new Map()))
  const made = specs.get(name)
  if (made === null) throw invalid(name, 'stands for itself')
  let spec = made
  if (!spec) {
    specs.set(name, null)
    try {
      spec = readToolchain(name, toolchains[name]!, parse)
    } finally {
      specs.delete(name)
    }
    spec.edges = [...sortedEdges(spec)]
    specs.set(name, spec)
  }
  const copy = copySpec(spec)
  if (propagate) for (const edge of copy.edges) edge.propagate = true
  return copy
}

const invalid = (name: string, problem: string): SpackError =>
  new SpackError('toolchain-invalid', `toolchain \`${name}\` ${problem}`, {
    hint: 'look at `spack config get toolchains`',
  })

function readToolchain(name: string, toolchain: Toolchain, parse: (text: string) => Spec): Spec {
  if (typeof toolchain === 'string') return readPart(name, toolchain, parse)
  const spec = emptySpec()
  for (const { spec: text, when } of toolchain) {
    const part = readPart(name, text, parse)
    if (when) {
      const condition = parse(when)
      for (const edge of part.edges) {
        if (edge.when) constrain(edge.when, condition)
        else edge.when = copySpec(condition)
      }
    }
    constrain(spec, part)
  }
  return spec
}

function readPart(name: string, text: string, parse: (text: string) => Spec): Spec {
  const part = parse(text)
  if (part.edges.some(({ direct }) => !direct))
    throw invalid(name, `has \`^\` in \`${text}\`, where only \`%\` can stand`)
  return part
}
