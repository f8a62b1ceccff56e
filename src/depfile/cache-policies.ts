// `--use-buildcache`: whether specs come from build caches, for roots and for what they need.

import { SpackError } from '../ui/error.ts'
import { type CachePolicies, type CachePolicy, cachePolicies } from './graph.ts'

export const cachePoliciesValue = '[{auto,only,never},][package:{auto,only,never},][dependencies:{auto,only,never}]'

/** Reads `only`, `package:never,dependencies:only` and the like; later parts win. Throws SpackError `usage`. */
export function parseCachePolicies(text: string | undefined): CachePolicies {
  const policies: CachePolicies = { package: 'auto', dependencies: 'auto' }
  for (const part of text?.split(',') ?? []) {
    const [value, key] = part
      .split(':')
      .map((word) => word.trim())
      .reverse() as [string, string?]
    if (!isPolicy(value) || !['package', 'dependencies', undefined].includes(key) || part.split(':').length > 2) {
      throw new SpackError('usage', `\`--use-buildcache\` does not know \`${part}\``, {
        exitCode: 2,
        hint: `it takes ${cachePoliciesValue}`,
      })
    }
    if (key !== 'dependencies') policies.package = value
    if (key !== 'package') policies.dependencies = value
  }
  return policies
}

const isPolicy = (text: string): text is CachePolicy => cachePolicies.some((policy) => policy === text)
