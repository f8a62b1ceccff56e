// One YAML file of settings, read and checked. What was read once is kept by `settings-cache.ts`; the readers (YAML,
// schemas) are loaded only for a file that is new or has changed.

import { type BigIntStats, closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { refusalReason } from '../ui/system-fault.ts'
import { type ConfigNode, emptyMap } from './node.ts'
import type { SectionName } from './sections.ts'
import { isSettled, recallSettings, rememberSettings, type SettingsContent, stampOf } from './settings-cache.ts'
import { mentionsHost } from './substitution.ts'

/** What a file may hold: one section (`config.yaml`), any sections (an included file), or `spack:` with an environment. */
export type FileShape = SectionName | 'any section' | 'manifest'

/** Files that this process has read, by path and shape. Nobody changes their trees. */
const read = new Map<string, { stamp: string; known: SettingsContent }>()

/**
 * Reads a file of settings: its sections, or for a manifest what stands below `spack:`. Undefined when there is none.
 * With `cacheDir`, the user's cache, what it says is kept for other processes. Throws SpackError `config-file`
 * (unreadable, a folder), `yaml-syntax` or `config-format`.
 */
export async function readSettingsFile(
  path: string,
  shape: FileShape,
  cacheDir?: string,
): Promise<SettingsContent | undefined> {
  const opened = openFile(path)
  if (opened === undefined) return undefined
  try {
    const stat = fstatSync(opened, { bigint: true })
    const id = `${shape}\0${path}`
    const stamp = stampOf(stat)
    const own = read.get(id)
    if (own?.stamp === stamp) return own.known
    const kept = cacheDir === undefined ? undefined : recallSettings(cacheDir, path, shape, stamp)
    const known = kept ?? (await parseText(readText(opened, path, stat), path, shape))
    if (cacheDir !== undefined && !kept) rememberSettings(cacheDir, path, shape, stat, known)
    if (isSettled(stat)) read.set(id, { stamp, known })
    return known
  } finally {
    closeSync(opened)
  }
}

async function parseText(text: string, path: string, shape: FileShape): Promise<SettingsContent> {
  const { readYaml } = await import('./yaml-reader.ts')
  const root = readYaml(text, path)
  const empty: SettingsContent = { content: emptyMap({ file: path, line: 1 }), mentionsHost: false }
  if (root === undefined) {
    if (shape !== 'manifest') return empty
    throw new SpackError('config-format', 'the manifest is empty', {
      where: `${path}:1`,
      hint: 'it begins with `spack:`, below which `specs: []` may stand',
    })
  }
  const { validateFile } = await import('./validation.ts')
  validateFile(root, shape)
  const content = shape === 'manifest' ? manifestOf(root) : root
  return content?.kind === 'map' ? { content, mentionsHost: mentionsHost(text) } : empty
}

const manifestOf = (root: ConfigNode): ConfigNode | undefined =>
  root.kind === 'map' ? root.entries.get('spack')?.value : undefined

/** Calls of the system with its refusals in words. */
function withWords<Result>(path: string, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    const code = systemErrorCode(error)
    const reason = refusalReason(code)
    if (!reason || isAbsence(code)) throw error
    const problem =
      code === 'EISDIR' ? 'is a folder, where a file of settings is expected' : `cannot be read: ${reason}`
    throw new SpackError('config-file', `\`${path}\` ${problem}`, { cause: error })
  }
}

const isAbsence = (code: string | undefined): boolean => code === 'ENOENT' || code === 'ENOTDIR'

function openFile(path: string): number | undefined {
  try {
    return withWords(path, () => openSync(path, 'r'))
  } catch (error) {
    if (isAbsence(systemErrorCode(error))) return undefined
    throw error
  }
}

/** Files larger than this are no settings, and would hold the program up for minutes. */
const sizeLimit = 32 << 20

function readText(file: number, path: string, { size }: BigIntStats): string {
  if (size <= sizeLimit) return withWords(path, () => readFileSync(file, 'utf8'))
  throw new SpackError(
    'config-file',
    `\`${path}\` is too large for a file of settings (${size >> 20n} MB, at most 32 MB)`,
  )
}
