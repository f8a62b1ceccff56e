// koffi, which reaches functions of the C library that Node lacks, or reaches slowly. Its addon is loaded by itself: 1 ms,
// through its package 10 ms.

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The part of koffi that is used here. */
export interface Koffi {
  load: (path: null) => { func: (definition: string) => (...values: never[]) => unknown }
  errno: () => number
}

export type LoadedKoffi =
  | { koffi: Koffi; reason?: undefined; cause?: undefined }
  | { koffi?: undefined; reason: string; cause: unknown }

let loaded: LoadedKoffi | undefined

/** Loads the addon that fits the C library: the wrong one of two (glibc, musl) refuses to load. */
export function loadKoffi(): LoadedKoffi {
  loaded ??= loadFirst(koffiAddons())
  return loaded
}

/**
 * A function of the C library, or one that Node's program gives to addons, by its declaration in C. Undefined where koffi cannot
 * be had, or the function: older libraries lack some, and other builds of Node keep theirs to themselves.
 */
export function findFunction<Native>(declaration: string): Native | undefined {
  try {
    return loadKoffi().koffi?.load(null).func(declaration) as Native | undefined
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Cannot find function')) return undefined
    throw error
  }
}

function loadFirst(candidates: readonly string[]): LoadedKoffi {
  let cause: unknown
  for (const path of candidates) {
    const addon: { exports: unknown } = { exports: {} }
    try {
      process.dlopen(addon, path)
      return { koffi: addon.exports as Koffi }
    } catch (error) {
      cause = error
    }
  }
  const reason = candidates.length ? `none of ${candidates.join(', ')} loads` : 'the addon `koffi.node` is missing'
  return { reason, cause }
}

/** Paths of the addons for this system: beside the bundled programs, or in `node_modules` when run from source. */
function koffiAddons(): string[] {
  const systems = { linux: ['linux', 'musl'], darwin: ['darwin'] }[process.platform as 'linux' | 'darwin'] ?? []
  const triplets = systems.map((system) => `${system}_${process.arch}`)
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const bundled = triplets.map((triplet) => join(folder, 'native', `koffi-${triplet}.node`)).filter(existsSync)
    if (bundled.length) return bundled
    const scope = join(folder, 'node_modules', '@koromix')
    if (!existsSync(scope)) continue
    const packages = readdirSync(scope).flatMap((name) => triplets.map((triplet) => join(scope, name, triplet)))
    return packages.map((path) => join(path, 'koffi.node')).filter(existsSync)
  }
  return []
}
