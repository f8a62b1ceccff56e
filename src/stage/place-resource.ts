// A resource put where the recipe wants it among the sources.

import { cpSync, existsSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { makeFolders } from '../folders.ts'
import { SpackError } from '../ui/error.ts'
import type { PlannedResource } from './source-plan.ts'

export interface UnpackedResource {
  /** The unpacked tree. */
  tree: string
  /** What the tree was called in its archive; null when that had several things at its top. */
  name: string | null
  /** The sources that it goes to. */
  sources: string
  shown: string
}

/**
 * Copies what the placement names; what is there already stays. Without a placement the tree is put under its own name, and
 * one without a name stays where it was unpacked, as in Spack. Throws SpackError
 * `resource-place`.
 */
export function placeResource({ destination, placement }: PlannedResource, unpacked: UnpackedResource): void {
  const { tree, name, sources, shown } = unpacked
  const target = inside(sources, destination, shown)
  makeFolders(target)
  for (const [from, to] of Object.entries(placement ?? (name === null ? {} : { '': name }))) {
    const [source, goal] = [inside(tree, from, shown), inside(sources, join(relative(sources, target), to), shown)]
    if (existsSync(goal)) continue
    if (!existsSync(source)) {
      throw new SpackError('resource-place', `\`${shown}\` has no \`${from}\` to put at \`${to}\``, {
        hint: 'the `placement` in the recipe is not for this archive',
      })
    }
    makeFolders(join(goal, '..'))
    if (statSync(source).isDirectory())
      cpSync(source, goal, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    else cpSync(source, goal, { preserveTimestamps: true })
  }
}

function inside(folder: string, path: string, shown: string): string {
  const whole = resolve(folder, path)
  if (whole === folder || whole.startsWith(folder + sep)) return whole
  throw new SpackError('resource-place', `\`${shown}\` would go to \`${whole}\`, outside the sources`, {
    hint: 'correct `destination` and `placement` of the resource in the recipe',
  })
}
