// The `when:` of an include: what it asks about this machine is looked at only if it asks.

import { hostname } from 'node:os'
import { SpackError } from '../ui/error.ts'
import { holdsCondition } from './condition.ts'
import type { SpackPaths } from './paths.ts'
import type { HostVariables } from './substitution.ts'

/** What conditions see: the machine, once it was looked at, and the environment's variables. */
export interface ConditionWorld {
  environ: NodeJS.ProcessEnv
  paths: SpackPaths
  host?: HostVariables
}

/** Whether an include counts here; `where` is named in errors. May look at the machine and remembers it in `world`. */
export async function isIncluded(condition: string, world: ConditionWorld, where: string): Promise<boolean> {
  if (/\b(?:platform|os|target|arch|architecture|arch_str)\b/.test(condition))
    world.host ??= await lookAtHost(world.paths)
  const host = world.host ?? unknownHost
  const satisfies = /\barch(?:itecture)?\b/.test(condition) ? await specJudge(host) : () => false
  try {
    return holdsCondition(condition, { ...host, hostname: hostname(), environ: world.environ, satisfies })
  } catch (error) {
    if (!(error instanceof SpackError) || error.where) throw error
    const { message, hint, detail, cause } = error
    throw new SpackError(error.code, message, { hint, detail, cause, where })
  }
}

/** Stands for the machine where a condition does not ask about it. */
const unknownHost = { platform: '', os: '', target: '' }

/** Whether the spec of a machine satisfies the spec that a text describes. The spec language is loaded for it. */
async function specJudge({ platform, os, target }: typeof unknownHost): Promise<(text: string) => boolean> {
  const { parseSpec } = await import('../spec/parser.ts')
  const { satisfies } = await import('../spec/satisfies.ts')
  const arch = parseSpec(`platform=${platform} os=${os} target=${target}`)
  return (text) => satisfies(arch, parseSpec(text))
}

/** Looks at the machine, once. */
export async function lookAtHost(paths: SpackPaths): Promise<HostVariables> {
  const { lookUpHost } = await import('./lookup.ts')
  return lookUpHost(paths)
}
