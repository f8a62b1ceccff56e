// One YAML file of settings, read and checked. The readers (YAML, schemas) are loaded only for a file that is there.

import { readFileSync } from 'node:fs'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type ConfigMap, type ConfigNode, emptyMap } from './node.ts'
import type { SectionName } from './sections.ts'

/** What a file may hold: one section (`config.yaml`), any sections (an included file), or `spack:` with an environment. */
export type FileShape = SectionName | 'any section' | 'manifest'

export interface SettingsFile {
  path: string
  /** The sections; for a manifest, what stands below `spack:`. */
  content: ConfigMap
  text: string
}

/**
 * Reads a file of settings; undefined when there is none. Throws SpackError `config-file` (unreadable, a folder),
 * `yaml-syntax` or `config-format`.
 */
export async function readSettingsFile(path: string, shape: FileShape): Promise<SettingsFile | undefined> {
  const text = readText(path)
  if (text === undefined) return undefined
  const { readYaml } = await import('./yaml-reader.ts')
  const root = readYaml(text, path)
  const empty = emptyMap({ file: path, line: 1 })
  if (root === undefined) {
    if (shape !== 'manifest') return { path, content: empty, text }
    throw new SpackError('config-format', 'the manifest is empty', {
      where: `${path}:1`,
      hint: 'it begins with `spack:`, below which `specs: []` may stand',
    })
  }
  const { validateFile } = await import('./validation.ts')
  validateFile(root, shape)
  const content = shape === 'manifest' ? manifestOf(root) : root
  return { path, content: content?.kind === 'map' ? content : empty, text }
}

const manifestOf = (root: ConfigNode): ConfigNode | undefined =>
  root.kind === 'map' ? root.entries.get('spack')?.value : undefined

const fileProblems: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder, where a file of settings is expected',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
  ELOOP: 'cannot be read: its symbolic links lead in a circle',
  ENAMETOOLONG: 'cannot be read: the name is too long',
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const problem = fileProblems[code ?? '']
    if (!problem) throw error
    throw new SpackError('config-file', `\`${path}\` ${problem}`, { cause: error })
  }
}
