// buildcache/archive-members: the members of some archives, in order, as our reader sees them (`archive-members.json`).

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type TarMember, tarReader } from '../../src/archive/tar-reader.ts'
import type { Tally } from './tally.ts'

interface Expected {
  gzip_header: string
  sha256_of_tar: string
  members: [kind: string, name: string, mode: string, rest?: number | string][]
  last_member_text: string
}

const kinds: Readonly<Record<TarMember['kind'], string>> = {
  file: 'file',
  directory: 'dir',
  symlink: 'link',
  hardlink: 'hard link',
}

export function run(folder: string, tally: Tally): void {
  const all = JSON.parse(readFileSync(join(folder, 'buildcache/archive-members.json'), 'utf8')) as Record<
    string,
    Expected
  >
  const archives = findArchives(folder)
  for (const [name, expected] of Object.entries(all)) {
    const archive = archives.get(expected.sha256_of_tar)
    tally.check(`${name} archive`, true, () => archive !== undefined)
    if (!archive) continue
    tally.check(`${name} gzip header`, expected.gzip_header, () => archive.stored.toString('hex', 0, 10))
    const { members, lastText } = readMembers(archive.content)
    tally.check(`${name} members`, expected.members.length, () => members.length)
    // Where the kit shows another root than the archive has, only what follows it can be compared.
    const shown = rootShown(expected.last_member_text)
    const real = rootShown(lastText)
    const asShown = (text: string) => (real ? text.replaceAll(real, shown) : text)
    for (const [i, member] of expected.members.entries()) {
      tally.check(`${name} ${member[1]}`, member, () => describe(members[i]!, asShown))
    }
    tally.check(`${name} last member`, withoutTool(expected.last_member_text), () => withoutTool(asShown(lastText)))
  }
}

const rootShown = (text: string): string => /buildpath: ([^,}]*)/.exec(text)?.[1] ?? ''
/** Where the tool itself was is no part of what is installed. */
const withoutTool = (text: string): string => text.replace(/spackprefix: [^,}]*, /, '')

function describe(member: TarMember, asShown: (text: string) => string): unknown[] {
  const start = [kinds[member.kind], member.name.replace(/\/$/, ''), member.mode.toString(8)]
  if (member.kind === 'directory') return start
  return [...start, member.kind === 'file' ? member.sizeBytes : asShown(member.target)]
}

function readMembers(content: Buffer): { members: TarMember[]; lastText: string } {
  const members: TarMember[] = []
  let pieces: Buffer[] = []
  const reader = tarReader({
    begin: (member) => {
      members.push(member)
      pieces = []
    },
    data: (piece) => void pieces.push(piece),
    end: () => {},
  })
  reader.push(content)
  reader.finish()
  return { members, lastText: Buffer.concat(pieces).toString() }
}

/** Small archives of all caches in the kit, by the digest of their content. */
function findArchives(folder: string): Map<string, { stored: Buffer; content: Buffer }> {
  const found = new Map<string, { stored: Buffer; content: Buffer }>()
  for (const cache of ['buildcache/v3', 'views/cache']) {
    if (!existsSync(join(folder, cache, 'blobs'))) continue
    for (const name of readdirSync(join(folder, cache, 'blobs'), { recursive: true, encoding: 'utf8' })) {
      if (!/[0-9a-f]{64}$/.test(name)) continue
      const stored = readFileSync(join(folder, cache, 'blobs', name))
      if (stored.length > 4 << 20 || stored.readUInt16BE(0) !== 0x1f8b) continue
      const content = gunzipSync(stored)
      found.set(createHash('sha256').update(content).digest('hex'), { stored, content })
    }
  }
  return found
}
