// Putting a spliced spec together: where its binary comes from when no build cache has one, and what is written beside the
// relocated files of its build spec. Only spliced specs need this, so it is loaded for them alone.

import { closeSync, createReadStream, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { noBinary, type Refusal } from '../buildcache/binary.ts'
import { packPrefix } from '../buildcache/pack.ts'
import { makeFolders } from '../folders.ts'
import type { DagHash } from '../spec/spec.ts'
import { printSpecJson } from '../spec/spec-file.ts'
import { acquirePrefixLock, tryPrefixLock } from '../store/prefix-lock.ts'
import { manifestPath, specPath, timesPath } from '../store/prefix-metadata.ts'
import type { Store } from '../store/store.ts'
import { writeManifest } from '../store/write-manifest.ts'
import { SpackError } from '../ui/error.ts'
import type { StoredArchive } from './archive/inflate.ts'
import type { Tree } from './archive/tree.ts'
import { writeTree } from './archive/write-tree.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import type { InstallWorld } from './install-spec.ts'
import { isPublished, type PrefixPlace } from './publish.ts'
import { sbangPath } from './sbang.ts'

/**
 * Gives `use` an archive of the build spec that is installed in this store, as a build cache would have it; false when it is
 * not installed. It stays locked meanwhile, so that nobody removes it.
 */
export async function withPackedBuildSpec(
  store: Store,
  { spec, place }: { spec: PlannedSpec; place: PrefixPlace },
  world: InstallWorld,
  use: (stored: StoredArchive) => Promise<void>,
): Promise<boolean> {
  const { prefix, prefixes } = spec.builtAs!
  if (!isPublished(prefix)) return false
  const origin = { name: spec.request!.name, hash: spec.request!.hash as DagHash }
  const lock =
    tryPrefixLock(store, origin, 'read') ??
    (await world.withoutSlot(() => acquirePrefixLock(store, origin, 'read', (notice) => world.warn(notice))))
  let descriptor: number | undefined
  try {
    if (!isPublished(prefix)) return false
    world.note(`made of what it was built as, in ${prefix}`)
    makeFolders(dirname(place.packed))
    const { sizeBytes } = await packPrefix({
      ...{ prefix, storeRoot: store.root, spackPrefix: store.root, sbangPath: sbangPath(store.unpaddedRoot) },
      hashToPrefix: new Map(Object.entries(prefixes)),
      archive: place.packed,
    })
    const fd = openSync(place.packed, 'r')
    descriptor = fd
    // The opened file stays readable, and nothing is left of it whatever happens.
    rmSync(place.packed)
    const open = () => createReadStream('', { fd, start: 0, autoClose: false })
    await use({ open, sizeBytes, compression: 'gzip' })
    return true
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
    rmSync(place.packed, { force: true })
    lock.release()
  }
}

/** Neither a build cache nor the store has what a spliced spec is made of. */
export function missingBuildSpec(plan: StoredPlan, spec: PlannedSpec, refusals: readonly Refusal[]): SpackError {
  const { name, version, hash } = spec.request!
  const origin = `\`${name}@${version} /${hash.slice(0, 7)}\``
  const message = `\`${spec.name}@${spec.version} /${spec.hash.slice(0, 7)}\` is spliced from ${origin}, which is neither in a build cache nor installed`
  const { detail } = noBinary(spec.request!, refusals)
  return new SpackError('build-spec-missing', message, {
    ...(detail ? { detail } : {}),
    hint: `name the mirror that has it (\`spack mirror add NAME URL\`), or install it first: \`spack -e ${plan.settings.environmentDir} install /${hash.slice(0, 7)}\``,
  })
}

/** Writes the relocated files of the build spec and the times, with the spec file of the spliced spec and a manifest of what is there now. */
export async function writeSpliced(plan: StoredPlan, spec: PlannedSpec, tree: Tree, place: PrefixPlace): Promise<void> {
  const { readLockedSpec } = await import('./locked-spec.ts')
  const content = Buffer.from(printSpecJson(readLockedSpec(plan, spec.hash).get(spec.hash)!))
  tree.set(specPath, { kind: 'file', path: specPath, mode: 0o644, mtimeSeconds: 0, content, isChanged: true })
  const times = tree.get(timesPath)!
  for (const path of [manifestPath, timesPath]) tree.delete(path)
  writeTree(tree, place.staging, spec.permissions)
  writeManifest(place.staging, { mode: spec.permissions.fileMode & ~0o111, prefix: place.prefix })
  // It is no part of what is verified, so it comes after the manifest.
  writeTree(new Map([[timesPath, times]]), place.staging, spec.permissions)
}
