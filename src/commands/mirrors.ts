// What commands that read mirrors have in common: the mirrors of the configuration, and how the network is used.

import { dirname, isAbsolute, join } from 'node:path'
import { fileUrl } from '../buildcache/location.ts'
import { type Direction, type Mirror, type MirrorEntry, readMirror } from '../buildcache/mirror.ts'
import { type NetworkSettings, openTransport, type Transport } from '../buildcache/transport.ts'
import { forgetUnreachable } from '../buildcache/unreachable.ts'
import type { Configuration } from '../config/configuration.ts'
import { type ConfigNode, type Mark, plainValue } from '../config/node.ts'
import type { Scope } from '../config/scope.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

/** The mirrors of a configuration, in its order, or of one of its scopes. Throws SpackError `mirror-url`. */
export function configuredMirrors(settings: Configuration, scope?: Scope): Mirror[] {
  const section = settings.sectionNode('mirrors', scope)
  if (section?.kind !== 'map') return []
  return [...section.entries].map(([name, { value }]) =>
    readMirror(name, plainValue(value) as MirrorEntry, (path, direction) => {
      const { file, line } = urlMark(value, direction)
      return fileUrl(settings.substitute(path, line > 0 ? dirname(file) : '.'))
    }),
  )
}

/** Where the URL of an entry is written: a relative path starts there. */
function urlMark(entry: ConfigNode, direction: Direction): Mark {
  const member = (node: ConfigNode | undefined, key: string) =>
    node?.kind === 'map' ? node.entries.get(key)?.value : undefined
  const connection = member(entry, direction)
  const own = connection?.kind === 'scalar' ? connection : member(connection, 'url')
  return (own ?? member(entry, 'url') ?? entry).mark
}

/** How a configuration wants the network to be used. */
export function networkSettings(settings: Configuration): NetworkSettings {
  const seconds = settings.get('config:connect_timeout')
  const certificates = settings.path('config:ssl_certs')
  return {
    timeoutMs: typeof seconds === 'number' ? seconds * 1000 : 30_000,
    verifyTls: settings.get('config:verify_ssl') !== false,
    caFiles: certificates && isAbsolute(certificates) ? [certificates] : [],
    notesFolder: join(miscCache(settings), 'unreachable'),
  }
}

/** Called where a run begins: servers that did not answer in the last one are asked again. */
export function forgetUnreachableMirrors(settings: Configuration): void {
  const { notesFolder } = networkSettings(settings)
  if (notesFolder) forgetUnreachable(notesFolder)
}

/** Where indexes of build caches are kept. */
export const indexFolder = (settings: Configuration): string => join(miscCache(settings), 'buildcache-indexes')

const miscCache = (settings: Configuration): string =>
  settings.path('config:misc_cache') ?? join(settings.paths.userCache, 'cache')

/** A transport for one command. Unlike installers it asks each server, also one that did not answer a moment ago. */
export async function invocationTransport(invocation: Invocation): Promise<Transport> {
  const network = { ...networkSettings(await configuration(invocation)), notesFolder: undefined }
  const say = (line: string) => invocation.say(`==> Warning: ${line}\n`)
  return openTransport(network, { environ: invocation.environ, say })
}
