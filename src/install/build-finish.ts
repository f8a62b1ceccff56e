// After the phases: what Spack does to a prefix before it is a package, in its order, and what is written down in `.spack`.

import {
  chmodSync,
  closeSync,
  existsSync,
  lchownSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { version as kernelVersion, release } from 'node:os'
import { dirname, join } from 'node:path'
import { clockMs } from '../clock.ts'
import { makeFolders } from '../folders.ts'
import type { Built } from '../recipes/build-protocol.ts'
import type { Spec } from '../spec/spec.ts'
import { printSpecJson } from '../spec/spec-file.ts'
import { manifestPath, metadataDir, specFile, timesPath } from '../store/prefix-metadata.ts'
import { writeManifest } from '../store/write-manifest.ts'
import { SpackError } from '../ui/error.ts'
import { keepLog } from './build-log.ts'
import type { BuildSettings } from './build-plan.ts'
import { waitingSpecFile } from './build-prefix.ts'
import type { PlannedSpec } from './install-plan.ts'
import { installedMode, type Permissions } from './permissions.ts'
import type { PrefixPlace } from './publish.ts'
import { dropRedundantRpaths } from './redundant-rpaths.ts'
import { throughSbangFile } from './relocation/relocate-file.ts'
import { isTooLong } from './relocation/sbang.ts'
import { placeSbang } from './sbang.ts'

export interface Finishing {
  place: PrefixPlace
  planned: PlannedSpec
  spec: Spec
  settings: BuildSettings
  built: Built
  log: string
  /** Seconds that unpacking and patching took. */
  stageSeconds: number
  startMs: number
  warn: (line: string) => void
}

/** Makes all that has to be in the prefix, except for the name of the spec file. */
export async function finishBuild(finishing: Finishing): Promise<void> {
  const { place, planned, settings, built, log, spec } = finishing
  const startMs = clockMs()
  const { prefix } = place
  linkLicenses(prefix, built.license_links)
  placeSbang(settings.sbang)
  tidyFiles(prefix, settings.sbang)
  await checkLibraries(finishing)
  await keepLog(log, join(prefix, metadataDir))
  writeFileSync(join(prefix, metadataDir, 'install_environment.json'), JSON.stringify(hostFacts(settings)))
  writeFileSync(waitingSpecFile(place), printSpecJson(spec))
  const waiting = { [specFile(prefix)]: waitingSpecFile(place) }
  for (const path of [...walk(prefix), ...Object.values(waiting), prefix]) setPermissions(path, planned.permissions)
  writeManifest(prefix, { mode: planned.permissions.fileMode & ~0o111, waiting })
  // It is no part of what is verified, so it comes after the manifest.
  const times = buildTimes(finishing, (clockMs() - startMs) / 1000)
  writeFileSync(join(prefix, timesPath), JSON.stringify(times))
  for (const path of [manifestPath, timesPath]) setPermissions(join(prefix, path), planned.permissions)
}

/** Leads the files of a license to the site's own; what the build put there gives way. */
function linkLicenses(prefix: string, links: Built['license_links']): void {
  for (const [path, target] of Object.entries(links)) {
    if (!existsSync(target)) continue
    const link = join(prefix, path)
    makeFolders(dirname(link))
    rmSync(link, { force: true })
    symlinkSync(target, link)
  }
}

/** First lines that are too long for the system, and RPATHs that lead nowhere. */
function tidyFiles(prefix: string, sbang: string): void {
  const seen = new Set<bigint>()
  for (const path of walk(prefix)) {
    const stat = lstatSync(path, { bigint: true })
    if (!stat.isFile() || (stat.nlink > 1n && seen.has(stat.ino))) continue
    seen.add(stat.ino)
    const start = firstBytes(path)
    if (start.startsWith('#!')) useSbang(path, Number(stat.mode), sbang)
    else if (start === '\x7fELF') withWriteAccess(path, Number(stat.mode), () => dropRedundantRpaths(path))
  }
}

function firstBytes(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(4)
    return bytes.toString('latin1', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

function useSbang(path: string, mode: number, sbang: string): void {
  if ((mode & 0o111) === 0) return
  const isChanged = withWriteAccess(path, mode, () => throughSbangFile(path, sbang))
  if (!isChanged || !isTooLong(sbang)) return
  throw new SpackError('sbang-too-long', `\`${path}\` must be run through \`${sbang}\`, whose path is too long`, {
    hint: 'use a shorter store root (`config:install_tree:root`)',
  })
}

/** Builds install libraries that not even their owner may write. */
function withWriteAccess<Result>(path: string, mode: number, act: () => Result): Result {
  if (mode & 0o200) return act()
  chmodSync(path, (mode & 0o7777) | 0o200)
  try {
    return act()
  } finally {
    chmodSync(path, mode & 0o7777)
  }
}

async function checkLibraries({ place, settings, built, warn, planned }: Finishing): Promise<void> {
  if (settings.bind && process.platform === 'linux')
    warn(
      `${planned.name}: \`config:shared_linking:bind\` is not done: libraries keep the names that the build gave them`,
    )
  if (settings.missingLibraries === 'ignore') return
  const { unresolvedLibraries } = await import('./unresolved-libraries.ts')
  const missing = unresolvedLibraries(place.prefix, built.unresolved_libraries)
  if (missing.length === 0) return
  const lines = missing.map(({ file, names }) => `  ${file} needs ${names.join(', ')}`)
  const message = `some programs and libraries of ${planned.name} need libraries that are not in their RPATHs`
  if (settings.missingLibraries === 'warn') return warn([message, ...lines].join('\n'))
  throw new SpackError('missing-libraries', message, {
    detail: lines.join('\n'),
    hint: 'correct the recipe, or set `config:shared_linking:missing_library_policy` to `warn`',
  })
}

const hostFacts = ({ host }: BuildSettings) => ({
  host_os: host.os,
  platform: host.platform,
  host_target: host.target,
  hostname: host.hostname,
  spack_version: programVersion,
  kernel_version: kernelVersion() || release(),
})

const programVersion = '1.2.0 (spackmake)'

function buildTimes({ built, planned, stageSeconds, startMs }: Finishing, postSeconds: number) {
  const rows: readonly (readonly [string, number])[] = [
    ['stage', stageSeconds],
    ...built.phases,
    ['post-install', postSeconds],
  ]
  const phases = rows.map(([name, seconds]) => ({ name, path: name, seconds, count: 1 }))
  const total = (clockMs() - startMs) / 1000
  return { total, phases, name: planned.name, cache: false, hash: planned.hash }
}

function setPermissions(path: string, permissions: Permissions): void {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return
  if (permissions.groupId !== null) lchownSync(path, stat.uid, permissions.groupId)
  const special = stat.mode & 0o7000
  const mode = stat.isDirectory() ? permissions.directoryMode | special : installedMode(permissions, stat.mode)
  if ((stat.mode & 0o7777) !== mode) chmodSync(path, mode)
}

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    yield path
    if (entry.isDirectory()) yield* walk(path)
  }
}
