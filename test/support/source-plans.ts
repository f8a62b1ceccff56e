// Source plans over small files of a scratch folder, and a world that remembers what it is told.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type TarMember, tarEnd, tarMember } from '../../src/archive/tar-writer.ts'
import { defaultNetwork, openTransport } from '../../src/buildcache/transport.ts'
import { filePlaces, storedCandidates } from '../../src/stage/mirror-places.ts'
import type { ArchiveSource, Candidate, Digest, SourcePlan } from '../../src/stage/source-plan.ts'
import type { StageWorld } from '../../src/stage/stage-world.ts'
import { scratch } from './scratch.ts'

export const sha256 = (bytes: Buffer | string): Digest => ({
  algorithm: 'sha256',
  hex: createHash('sha256').update(bytes).digest('hex'),
})

/** A tar.gz of files by name, with a folder around them. */
export function tarball(files: Readonly<Record<string, string>>, top = 'pkg-1.0'): Buffer {
  const members = Object.entries(files).map(
    ([name, text]): TarMember => ({
      ...{ kind: 'file', name: `${top}/${name}`, mode: 0o644, content: Buffer.from(text) },
    }),
  )
  return gzipSync(Buffer.concat([...members.flatMap(tarMember), tarEnd()]))
}

export interface SourceOptions {
  content: Buffer
  urls?: readonly string[]
  fileName?: string
  mirrors?: Readonly<Record<string, string>>
  cache?: string
  expand?: boolean
  digest?: Digest | null
}

export function archiveOf(options: SourceOptions): ArchiveSource {
  const { content, urls = [], fileName = 'pkg-1.0.tar.gz', mirrors = {}, cache, expand = true } = options
  const digest = options.digest === undefined ? sha256(content) : options.digest
  const places = filePlaces('pkg/pkg-1.0', digest, 'tar.gz')
  const stored = storedCandidates(places, {
    cache: cache ?? null,
    mirrors: Object.entries(mirrors).map(([name, fetchUrl]) => ({
      ...{ name, fetchUrl, contents: ['source'], isSigned: false, autopush: false, layouts: [3] },
    })),
  })
  const candidates: Candidate[] = [...stored, ...urls.map((url): Candidate => ({ kind: 'url', url }))]
  return { kind: 'archive', fileName, digest, expand, extension: null, candidates, places, isCachable: digest !== null }
}

export function planOf(folder: string, parts: Partial<SourcePlan>): SourcePlan {
  return {
    spec: { name: 'pkg', version: '1.0', hash: 'abcdefghijklmnopqrstuvwxyz234567' },
    stageRoots: [join(folder, 'stages')],
    stageName: 'spack-stage-pkg-1.0-abcdefg',
    cache: join(folder, 'cache'),
    source: { kind: 'none' },
    resources: [],
    patches: [],
    objections: [],
    ...parts,
  }
}

export interface RecordedWorld extends StageWorld {
  said: string[]
  warned: string[]
}

export function recordedWorld(): RecordedWorld {
  const [said, warned]: [string[], string[]] = [[], []]
  const transport = openTransport({ ...defaultNetwork, timeoutMs: 5000 }, { environ: {}, sleep: async () => {} })
  return {
    ...{ environ: process.env, transport, said, warned },
    say: (line) => void said.push(line),
    warn: (line) => void warned.push(line),
  }
}

/** Writes a file below a new scratch folder, and gives its path. */
export function written(path: string, content: string | Buffer, folder: string = scratch()): string {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}
