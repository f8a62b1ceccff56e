// The store that a configuration names. Apart from `layout.ts`, which brings the spec language with it.

import type { Configuration } from '../config/configuration.ts'
import { padPath } from '../config/padding.ts'
import { SpackError } from '../ui/error.ts'
import { defaultLocks, defaultProjections, type Store, storeFrom } from './store.ts'

/** `padded_length: true`: what Linux allows for a path, less what Spack keeps free for files below a prefix. */
const longestRoot = 4096 - 300

/** The store that the configuration names. Throws SpackError `store-config`. */
export function openStore(configuration: Configuration): Store {
  // Before Spack 0.16 the setting was the root itself.
  const rootSetting = typeof configuration.get('config:install_tree') === 'string' ? '' : ':root'
  const unpaddedRoot = configuration.path(`config:install_tree${rootSetting}`)
  if (!unpaddedRoot) throw new SpackError('store-config', '`config:install_tree:root` is not set')
  const length = configuration.get('config:install_tree:padded_length')
  const padding = length === true ? longestRoot : Number(length ?? 0)
  return storeFrom({
    root: padding ? padPath(unpaddedRoot, padding) : unpaddedRoot,
    unpaddedRoot,
    projections: readProjections(configuration),
    locks: {
      enabled: configuration.get('config:locks') !== false,
      databaseTimeoutMs: timeoutMs(configuration.get('config:db_lock_timeout'), defaultLocks.databaseTimeoutMs),
      packageTimeoutMs: timeoutMs(configuration.get('config:package_lock_timeout'), defaultLocks.packageTimeoutMs),
    },
    upstreams: readUpstreamRoots(configuration),
  })
}

/** Templates in the order of the configuration; `install_hash_length` shortens the hash in all of them. */
function readProjections(configuration: Configuration): Record<string, string> {
  const configured = configuration.entries('config:install_tree:projections')
  const entries = configured.length ? configured : Object.entries(defaultProjections)
  const length = configuration.get('config:install_hash_length')
  return Object.fromEntries(
    entries.map(([when, template]) => {
      const lowered = String(template).toLowerCase()
      return [when, typeof length === 'number' ? withHashLength(lowered, length) : lowered]
    }),
  )
}

function withHashLength(template: string, length: number): string {
  if (template.includes('{hash}')) return template.replaceAll('{hash}', `{hash:${length}}`)
  const reason = template.includes('{hash') ? 'says how long its hash is itself' : 'has no hash'
  const message = `\`config:install_hash_length\` does not apply to \`${template}\`, which ${reason}`
  throw new SpackError('store-config', message, {
    hint: 'set one of `config:install_hash_length` and `config:install_tree:projections`',
  })
}

function timeoutMs(setting: unknown, otherwise: number | null): number | null {
  if (typeof setting === 'number') return setting * 1000
  return setting === null ? null : otherwise
}

function readUpstreamRoots(configuration: Configuration): Record<string, string> {
  const roots: Record<string, string> = {}
  for (const [name] of configuration.entries('upstreams')) {
    const root = configuration.path(['upstreams', name, 'install_tree'])
    if (root) roots[name] = root
  }
  return roots
}
