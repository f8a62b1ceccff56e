// A spec with some of its parts exchanged, as `spack change` does it: what the other says counts, the rest stays.

import { copySpec, type Spec, setVariant } from './spec.ts'
import { isAnyVersion } from './version-list.ts'

/** A copy of `spec` with the versions, variants, flags and parts of the architecture that `change` has. */
export function overriddenSpec(spec: Spec, change: Spec): Spec {
  const changed = copySpec(spec)
  if (!isAnyVersion(change.versions)) changed.versions = change.versions
  for (const [name, variant] of change.variants) setVariant(changed, name, variant)
  changed.flags = new Map([...changed.flags, ...change.flags])
  if (change.arch) {
    const { platform, os, target } = change.arch
    const old = changed.arch
    changed.arch = {
      platform: platform ?? old?.platform ?? null,
      os: os ?? old?.os ?? null,
      target: target ?? old?.target ?? null,
    }
  }
  return changed
}
