// Carries out the plan of a view in an empty folder: directories, then links, hard links or copies.

import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { refusalReason } from '../ui/system-fault.ts'
import type { ViewLinkType } from './view-descriptor.ts'
import { fromBytes, pathBuffer, toBytes, type ViewOrigin, type ViewPlan } from './view-plan.ts'

/** Puts what stands at `origin.path` to `destination`; both are absolute byte strings. */
export type PlaceFile = (origin: ViewOrigin, destination: string) => void

export const placeSymlink: PlaceFile = (origin, destination) =>
  symlinkSync(pathBuffer(origin.path), pathBuffer(destination))

/** Of a symbolic link, the link itself is linked. */
export const placeHardlink: PlaceFile = (origin, destination) =>
  linkSync(pathBuffer(origin.path), pathBuffer(destination))

/** What to do where the file system refuses a kind of link. */
const refusals: Readonly<Record<string, string>> = {
  EXDEV: 'hard links cannot leave a file system: use `link_type: symlink`, or put the view beside the store',
  EMLINK: 'the file system allows no more links to this file: use `link_type: symlink`',
  EPERM: 'the file system or the system’s settings do not allow such links: use `link_type: symlink`',
}

/** Makes the view in `folder`, which must exist and be empty. Throws SpackError `view-write`. */
export function buildView(plan: ViewPlan, folder: string, linkType: ViewLinkType, place: PlaceFile): void {
  const root = toBytes(folder)
  let path = root
  try {
    for (const directory of plan.directories) {
      path = `${root}/${directory}`
      mkdirSync(pathBuffer(path))
    }
    for (const [relative, origin] of plan.links) {
      path = `${root}/${relative}`
      place(origin, path)
    }
  } catch (error) {
    const code = systemErrorCode(error)
    if (!code) throw error
    const hint = linkType === 'hardlink' ? refusals[code] : undefined
    const reason = refusalReason(code) ?? code
    throw new SpackError('view-write', `the view cannot be written: \`${fromBytes(path)}\`: ${reason}`, {
      hint,
      cause: error,
    })
  }
}
