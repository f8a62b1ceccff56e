// Views of copies: files that may be taken elsewhere. Paths in them are rewritten from the store to the view: text at any
// length, strings in binaries where they have room, absolute links.

import { isUtf8 } from 'node:buffer'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  lchownSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { Refusal } from '../install/relocation/binary.ts'
import { relocateLinkTarget } from '../install/relocation/links.ts'
import { type PrefixMap, prefixMap } from '../install/relocation/prefix-map.ts'
import { relocateBinaryFile } from '../install/relocation/relocate-file.ts'
import { relocateText } from '../install/relocation/text.ts'
import type { DagHash } from '../spec/spec.ts'
import { metadataDir } from '../store/prefix-metadata.ts'
import { SpackError } from '../ui/error.ts'
import type { PlaceFile } from './view-build.ts'
import { fromBytes, pathBuffer, type ViewOrigin } from './view-plan.ts'

/** What the paths in a package's files may begin with, and what becomes of it. */
export interface CopyMap {
  /** [old, new] of the package's own prefix and those of all that it was built with. */
  prefixes: readonly (readonly [string, string])[]
  storeRoot: string
  viewRoot: string
}

interface OwnerMaps {
  binaries: PrefixMap
  texts: PrefixMap
}

/** Copies files, each rewritten as its owner's map says. Throws SpackError `view-copy` where a binary has no room. */
export function copier(mapOf: (owner: DagHash) => CopyMap): PlaceFile {
  const known = new Map<DagHash, OwnerMaps>()
  return (origin, destination) => {
    const { hash } = origin.source
    const maps = known.get(hash) ?? ownerMaps(mapOf(hash))
    known.set(hash, maps)
    const stat = lstatSync(pathBuffer(origin.path))
    if (stat.isSymbolicLink()) copyLink(origin, destination, maps)
    else copyFile(origin, destination, stat, isMetadata(origin) ? undefined : maps)
    keepOwner(destination, stat)
  }
}

function ownerMaps({ prefixes, storeRoot, viewRoot }: CopyMap): OwnerMaps {
  return { binaries: prefixMap(prefixes), texts: prefixMap([...prefixes, [storeRoot, viewRoot]]) }
}

/** Metadata tell where the package is installed, and stay as they are. */
const isMetadata = ({ path, source }: ViewOrigin): boolean =>
  fromBytes(path).startsWith(`${source.prefix}/${metadataDir}/`)

function copyLink(origin: ViewOrigin, destination: string, maps: OwnerMaps): void {
  const target = readlinkSync(pathBuffer(origin.path), { encoding: 'buffer' })
  const relocated = isUtf8(target) ? relocateLinkTarget(target.toString(), maps.binaries) : undefined
  symlinkSync(relocated ?? target, pathBuffer(destination))
}

function copyFile(origin: ViewOrigin, destination: string, stat: Stats, maps: OwnerMaps | undefined): void {
  const [from, to] = [pathBuffer(origin.path), pathBuffer(destination)]
  const data = maps && !startsBinary(from) ? readFileSync(from) : undefined
  const isText = data !== undefined && !data.includes(0)
  const relocated = maps && isText ? relocateText(data, maps.texts) : undefined
  if (relocated) writeFileSync(to, relocated)
  else copyFileSync(from, to, constants.COPYFILE_FICLONE)
  if (maps && !isText) relocateCopy(origin, destination, maps.binaries)
  chmodSync(to, stat.mode)
  utimesSync(to, stat.atime, stat.mtime)
}

const peekedBytes = 1 << 16

/** Whether there is a zero in the beginning of a file. Spares reading large libraries as a whole. */
function startsBinary(path: Buffer): boolean {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.allocUnsafe(peekedBytes)
    return head.subarray(0, readSync(descriptor, head, 0, peekedBytes, 0)).includes(0)
  } finally {
    closeSync(descriptor)
  }
}

function relocateCopy(origin: ViewOrigin, destination: string, map: PrefixMap): void {
  chmodSync(pathBuffer(destination), 0o600)
  const { refusals } = relocateBinaryFile(pathBuffer(destination), map)
  const [refusal] = refusals
  if (!refusal) return
  throw new SpackError(
    'view-copy',
    `${fromBytes(origin.path)} of ${origin.source.label} cannot be copied to the view`,
    {
      detail: `    ${reason(refusal)}`,
      hint: 'give the view a root with a shorter path, use `link_type: symlink`, or leave the package out with `exclude`',
    },
  )
}

function reason(refusal: Refusal): string {
  if ('reason' in refusal) return refusal.reason
  const { old, new: replacement } = refusal.pair
  return `strings in it have no room for \`${replacement}\` in place of \`${old}\``
}

/** Only root may give files away; others keep what they copy. */
function keepOwner(destination: string, stat: Stats): void {
  if (process.geteuid?.() !== 0) return
  lchownSync(pathBuffer(destination), stat.uid, stat.gid)
}
