// spec/arch: targets, their order, features, flags and ranges (`arch.json`).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  deprecatedArchWords,
  hasFeature,
  nodeTarget,
  platformNames,
  requireTarget,
  reservedOperatingSystems,
  reservedTargets,
  runsOn,
  type Target,
  targetNames,
} from '../../src/spec/target.ts'
import { targetFlags } from '../../src/spec/target-flags.ts'
import { targetsIn } from '../../src/spec/target-range.ts'
import { without } from './expected.ts'
import type { Tally } from './tally.ts'

interface Vectors {
  host: { platform: string; os: string; default_target: string; generic_target: string; family: string }[]
  platforms: { name: string }[]
  reserved: { targets: string[]; oss: string[]; deprecated: string[] }[]
  families: { family: string; count: number }[]
  targets: { name: string }[]
  order: [string, string, string][]
  flags: { target: string; compiler: string; version: string; flags: string | null }[]
  ranges: { constraint: string; targets: string[] | null }[]
  features: { target: string; feature: string; has: boolean }[]
}

export function run(folder: string, tally: Tally): void {
  const vectors = JSON.parse(readFileSync(join(folder, 'spec/arch.json'), 'utf8')) as Vectors
  for (const host of vectors.host) {
    const { generic, family } = requireTarget(host.default_target)
    tally.check('host', host, () => ({ ...host, generic_target: generic, family }))
  }
  for (const { name } of vectors.platforms) tally.check(`platform ${name}`, true, () => platformNames.includes(name))
  for (const reserved of vectors.reserved) {
    tally.check('reserved', reserved, () => ({
      targets: reservedTargets,
      oss: reservedOperatingSystems,
      deprecated: deprecatedArchWords,
    }))
  }
  for (const { family, count } of vectors.families) {
    tally.check(`family ${family}`, count, () => {
      return targetNames.filter((name) => requireTarget(name).family === family).length
    })
  }
  for (const target of vectors.targets) {
    tally.check(`target ${target.name}`, target, () => describeTarget(target.name))
  }
  for (const [a, b, relation] of vectors.order) {
    tally.check(`order ${a} ${b}`, relation, () => relate(requireTarget(a), requireTarget(b)))
  }
  for (const one of vectors.flags) {
    tally.check(`flags ${one.target} ${one.compiler} ${one.version}`, one.flags, () => {
      const answer = targetFlags(requireTarget(one.target), one.compiler, one.version)
      return 'flags' in answer ? answer.flags : null
    })
  }
  for (const one of vectors.ranges) {
    tally.check(`range ${one.constraint}`, without(one, 'error_class'), () => ({
      constraint: one.constraint,
      targets: orNull(() => targetsIn(one.constraint)),
    }))
  }
  for (const { target, feature, has } of vectors.features) {
    tally.check(`feature ${target} ${feature}`, has, () => hasFeature(requireTarget(target), feature))
  }
}

function describeTarget(name: string): object {
  const { vendor, parents, ancestors, family, generic, features } = requireTarget(name)
  return { name, node_value: nodeTarget(name), vendor, parents, ancestors, family, generic, features: [...features] }
}

function relate(a: Target, b: Target): string {
  if (a.name === b.name) return '='
  if (runsOn(a, b)) return '<'
  return runsOn(b, a) ? '>' : 'unordered'
}

function orNull<Answer>(answer: () => Answer): Answer | null {
  try {
    return answer()
  } catch {
    return null
  }
}
