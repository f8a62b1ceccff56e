// Unpacks a tar archive into an empty folder of ours. Nothing is ever written through a link of the archive: files and
// folders come first, then hard links, and symbolic links when all else is there. Those may point anywhere, as archives
// of sources have them; names may not.

import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type TarMember, type TarReader, tarReader } from './tar-reader.ts'

const umask = process.umask()
/** As tar does: the super-user gets modes as they are, others what their umask leaves. */
const modeMask = process.getuid?.() === 0 ? 0o777 : 0o777 & ~umask

/**
 * A sink for the unpacked bytes of an archive; `finish` makes the links. Throws SpackError `archive-damaged` and
 * `archive-refused`, and the system's errors.
 */
export function untar(folder: string): TarReader {
  const folders = new Set([''])
  const files = new Set<string>()
  const links: TarMember[] = []
  const place = placesIn(folder)
  let open: { descriptor: number; mtimeSeconds: number } | undefined

  const makeFolder = (path: string, name: string, mode = 0o777 & ~umask): void => {
    if (folders.has(path)) return
    makeFolder(parentOf(path), name)
    const granted = (mode & modeMask) | 0o700
    refuseConflict(name, () => mkdirSync(place(path), granted))
    if (granted & umask) chmodSync(place(path), granted)
    folders.add(path)
  }
  const openFile = (path: string, { mode, mtimeSeconds }: TarMember): void => {
    // Of members with one name the last counts.
    if (files.has(path)) rmSync(place(path))
    const granted = mode & modeMask
    const descriptor = openSync(place(path), 'wx', granted)
    // The umask counts for what is made, whoever makes it.
    if (granted & umask) fchmodSync(descriptor, granted)
    files.add(path)
    open = { descriptor, mtimeSeconds }
  }
  const reader = tarReader(
    {
      begin(member) {
        const path = memberPath(member.name)
        if (member.kind === 'directory') {
          // Some archives tell of a folder behind what is in it.
          if (path !== '' && folders.has(path)) chmodSync(place(path), (member.mode & modeMask) | 0o700)
          return makeFolder(path, member.name, member.mode)
        }
        if (path === '') throw refused(member.name, 'has no name of its own')
        makeFolder(parentOf(path), member.name)
        if (member.kind === 'file') refuseConflict(member.name, () => openFile(path, member))
        else links.push(member)
      },
      data(piece) {
        if (open) for (let done = 0; done < piece.length; ) done += writeSync(open.descriptor, piece, done)
      },
      end() {
        if (!open) return
        const { descriptor, mtimeSeconds } = open
        open = undefined
        futimesSync(descriptor, mtimeSeconds, mtimeSeconds)
        closeSync(descriptor)
      },
    },
    { isLenient: true },
  )
  return {
    push: reader.push,
    finish() {
      reader.finish()
      makeLinks(links, files, place)
    },
  }
}

/** Names are given as bytes (latin1); most are ASCII, and a text is quicker then. */
function placesIn(folder: string): (path: string) => string | Buffer {
  const start = Buffer.from(`${folder}/`)
  return (path) =>
    /^[\0-\x7f]*$/.test(path) ? `${folder}/${path}` : Buffer.concat([start, Buffer.from(path, 'latin1')])
}

function makeLinks(links: readonly TarMember[], files: Set<string>, place: (path: string) => string | Buffer): void {
  const symlinks = new Map(
    links.flatMap((link) => (link.kind === 'symlink' ? [[memberPath(link.name), link] as const] : [])),
  )
  for (const link of links) {
    if (link.kind !== 'hardlink') continue
    const [path, target] = [memberPath(link.name), memberPath(link.target)]
    const same = symlinks.get(target)
    if (same) symlinks.set(path, { ...same, name: link.name })
    else if (!files.has(target))
      throw refused(link.name, `is a hard link to ${shown(link.target)}, which is no file in it`)
    else if (path !== target) {
      if (files.has(path)) rmSync(place(path))
      refuseConflict(link.name, () => linkSync(place(target), place(path)))
      files.add(path)
    }
  }
  for (const [path, { name, target }] of symlinks) {
    if (files.has(path)) rmSync(place(path))
    refuseConflict(name, () => symlinkSync(Buffer.from(target, 'latin1'), place(path)))
  }
}

/** A member's name without `.` and doubled slashes. Throws `archive-refused` for one that leads out of the folder. */
export function memberPath(name: string): string {
  if (name.startsWith('/')) throw refused(name, 'has an absolute name')
  if (name.includes('\0')) throw refused(name, 'has a zero byte in its name')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw refused(name, 'has `..` in its name')
  return parts.join('/')
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** A name that is a file in one place and a folder in another, or not allowed to the file system. */
function refuseConflict(name: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') {
      throw refused(name, 'is more than one of file, folder and link')
    }
    if (code === 'ENAMETOOLONG') throw refused(name, 'has a name that is too long for this file system')
    throw error
  }
}

const shown = (name: string): string => JSON.stringify(Buffer.from(name, 'latin1').toString('utf8').slice(0, 300))

export const refused = (name: string, why: string): SpackError =>
  new SpackError('archive-refused', `its member ${shown(name)} ${why}`)
