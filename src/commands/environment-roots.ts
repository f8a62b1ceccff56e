// The specs that an environment asks for, beside the concrete specs that they became.

import { lockfileSpecs } from '../environment/locked-specs.ts'
import { loadEnvironment } from '../environment/manifest.ts'
import { colourize, paintAs } from '../spec/colour.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { type InstallStatus, installMarks } from '../spec/tree.ts'
import { greyHash, type ListingOptions, listSpecs } from '../ui/spec-listing.ts'
import { configuration } from './configured.ts'
import type { EnvironmentSpecs } from './environment-specs.ts'
import type { Invocation } from './invocation.ts'

export interface EnvironmentRoots {
  /** As the manifest has them. */
  asked: readonly Spec[]
  /** What each asked spec became, by its text. */
  concrete: ReadonlyMap<string, Spec>
  hashes: ReadonlySet<DagHash>
  /** Concrete roots that the manifest no longer asks for. */
  removed: ReadonlySet<DagHash>
}

/** Reads the manifest. Throws as `loadEnvironment`. */
export async function environmentRoots(
  invocation: Invocation,
  environment: EnvironmentSpecs,
): Promise<EnvironmentRoots> {
  const { userSpecs } = await loadEnvironment(environment, await configuration(invocation), invocation)
  const asked = userSpecs.map((listed) => listed.spec)
  const texts = new Set(asked.map(printSpec))
  const locked = environment.lockfile?.roots ?? []
  const specs = environment.lockfile ? lockfileSpecs(environment.lockfile) : new Map<DagHash, Spec>()
  return {
    asked,
    concrete: new Map(locked.map((root) => [root.spec, specs.get(root.hash)!])),
    hashes: new Set(environment.roots),
    removed: new Set(locked.filter((root) => !texts.has(root.spec)).map((root) => root.hash)),
  }
}

/** The head of `spack find` in an environment: its name, and each spec that it asks for, with its state. */
export function listRoots(
  environment: EnvironmentSpecs,
  roots: EnvironmentRoots,
  options: ListingOptions,
  statusOf: (spec: Spec) => InstallStatus,
): string {
  const { colour, width, groups, hashLength = 0, specfileFormat } = options
  const decorate = (spec: Spec, text: string): string => {
    const concrete = roots.concrete.get(printSpec(spec))
    // Marks end with two blanks, of which one is wanted here.
    const mark = colourize(installMarks[concrete ? statusOf(concrete) : 'absent'], colour).slice(0, -2)
    const hash = hashLength ? `${greyHash(concrete ?? spec, hashLength, colour)} ` : ''
    return `${mark} ${hash}${text}`
  }
  const shown = { colour, width, groups, specfileFormat, namespaces: true, flags: true, variants: true, decorate }
  const count = roots.asked.length || 'No'
  const label = colour ? paintAs('*b', '==>') : '==>'
  const list = listSpecs(roots.asked, shown)
  return `${label} In environment ${environment.name}\n${label} ${count} root specs\n${list}\n`
}
