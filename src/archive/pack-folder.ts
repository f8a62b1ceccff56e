// A folder → a reproducible tar.gz: members by name, owner 0, time 0.

import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, readlinkSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { type TarMember, tarEnd, tarMember } from './tar-writer.ts'

/** Packs what is in `folder` below the name `top` into `archive`. Entries called as in `excluded` are left out. */
export async function packFolder(
  folder: string,
  { top, archive, excluded = [] }: { top: string; archive: string; excluded?: readonly string[] },
): Promise<void> {
  const descriptor = openSync(archive, 'w', 0o644)
  try {
    const gzip = createGzip()
    gzip.on('data', (piece: Buffer) => {
      for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done)
    })
    const ended = new Promise<void>((resolve, reject) => void gzip.once('end', resolve).once('error', reject))
    for (const member of members(folder, top, excluded)) {
      for (const block of tarMember(member)) {
        if (!gzip.write(block)) await new Promise<void>((resolve) => void gzip.once('drain', () => resolve()))
      }
    }
    gzip.end(tarEnd())
    await ended
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function* members(folder: string, name: string, excluded: readonly string[]): Generator<TarMember> {
  yield { kind: 'directory', name, mode: 0o755 }
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    if (excluded.includes(entry.name)) continue
    const [path, below] = [join(folder, entry.name), `${name}/${entry.name}`]
    if (entry.isDirectory()) yield* members(path, below, excluded)
    else if (entry.isSymbolicLink()) yield { kind: 'symlink', name: below, target: readlinkSync(path), mode: 0o755 }
    else if (entry.isFile()) {
      const mode = statSync(path).mode & 0o100 ? 0o755 : 0o644
      yield { kind: 'file', name: below, mode, content: readFileSync(path) }
    }
  }
}
