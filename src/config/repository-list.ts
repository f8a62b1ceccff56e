// `repos` as a list of paths, as it was written before repositories had names: each is named by its own `repo.yaml`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type ConfigEntry, type ConfigNode, emptyMap } from './node.ts'
import type { Scope } from './scope.ts'

/**
 * The `repos` entries of scopes that are such lists, each with a map in its place. What cannot be named is left out, with
 * a warning.
 */
export async function nameRepositories(
  scopes: readonly Scope[],
  pathOf: (node: ConfigNode) => string,
  warn: (message: string) => void,
): Promise<Map<ConfigEntry, ConfigEntry>> {
  const named = new Map<ConfigEntry, ConfigEntry>()
  for (const scope of scopes) {
    const entry = reposOf(scope)
    if (entry?.value.kind !== 'list') continue
    const map = emptyMap(entry.mark)
    for (const item of entry.value.items) {
      const name = await namespaceOf(pathOf(item), warn)
      if (name) map.entries.set(name, { key: name, strategy: 'merge', mark: item.mark, value: item })
    }
    named.set(entry, { ...entry, value: map })
  }
  return named
}

/** What is wrong with the section is thrown when somebody asks for it. */
function reposOf(scope: Scope): ConfigEntry | undefined {
  try {
    return scope.section('repos')
  } catch (error) {
    if (error instanceof SpackError) return undefined
    throw error
  }
}

async function namespaceOf(folder: string, warn: (message: string) => void): Promise<string | undefined> {
  const file = join(folder, 'repo.yaml')
  try {
    const { readYaml } = await import('./yaml-reader.ts')
    const root = readYaml(readFileSync(file, 'utf8'), file)
    const repo = root?.kind === 'map' ? root.entries.get('repo')?.value : undefined
    const name = repo?.kind === 'map' ? repo.entries.get('namespace')?.value : undefined
    if (name?.kind === 'scalar' && typeof name.value === 'string') return name.value
    // Newer repositories are Python packages below `spack_repo` and need not say their name.
    const place = repo && /\/spack_repo\/(.+?)\/*$/.exec(folder)?.[1]
    if (place) return place.replaceAll('/', '.')
    warn(`the repository \`${folder}\` is left out: \`repo.yaml\` has no namespace`)
  } catch (error) {
    if (!(error instanceof SpackError) && !systemErrorCode(error)) throw error
    const reason =
      error instanceof SpackError ? error.message : `\`repo.yaml\` cannot be read (${systemErrorCode(error)})`
    warn(`the repository \`${folder}\` is left out: ${reason}`)
  }
  return undefined
}
