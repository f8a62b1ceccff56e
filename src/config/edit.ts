// Changing a scope on disk: which one is meant, and writing its file so that either the old or the new one is there.

import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { refusalReason } from '../ui/system-fault.ts'
import type { Configuration } from './configuration.ts'
import { type ConfigMap, type ConfigNode, copyNode, emptyMap } from './node.ts'
import { type Scope, sectionFile } from './scope.ts'
import type { SectionName } from './sections.ts'
import type { FileShape } from './settings-file.ts'

/**
 * The scope that an edit goes to: the named one, or the strongest that can be written, an environment's before the
 * user's. Throws SpackError `config-scope`.
 */
export function editableScope(configuration: Configuration, name?: string): Scope {
  const found = name === undefined ? preferredScope(configuration.scopes) : configuration.scope(name)
  if (found?.isWritable && found.path !== undefined) return found
  const writable = configuration.scopes.filter((scope) => scope.isWritable).map((scope) => `\`${scope.name}\``)
  throw new SpackError('config-scope', `the scope \`${name ?? ''}\` cannot be changed`, {
    hint: `scopes that can be: ${writable.toReversed().join(', ')}`,
  })
}

function preferredScope(scopes: readonly Scope[]): Scope | undefined {
  let chosen = scopes.findLast((scope) => scope.isWritable)
  for (let inner = chosen; inner; inner = inner.includes.find((scope) => scope.isWritable && scope.prefersEdits)) {
    chosen = inner
  }
  return chosen
}

/**
 * Changes what a scope says of a section. `change` is given a map of the sections of the scope's file and changes it;
 * comments and layout of what it leaves alone stay. The result is checked before it is written. Returns the file.
 * Throws SpackError `config-format`, `yaml-edit` or `config-file`.
 */
export async function editSection(
  scope: Scope,
  section: SectionName,
  change: (sections: ConfigMap) => void,
): Promise<string> {
  const file = sectionFile(scope, section)!
  const { openYaml } = await import('./yaml-document.ts')
  const { validateFile } = await import('./validation.ts')
  const document = openYaml(readIfThere(file), file)
  const top = scope.isManifest ? ['spack'] : []
  const sections = mapAt(document.get(top), file)
  change(sections)
  const shape: FileShape = scope.isManifest ? 'manifest' : scope.kind === 'folder' ? section : 'any section'
  validateFile(scope.isManifest ? below('spack', sections) : sections, shape)
  document.set(top, withFileStrategies(sections))
  writeAtomically(file, document.text)
  return file
}

function mapAt(node: ConfigNode | undefined, file: string): ConfigMap {
  const copy = node && copyNode(node)
  return copy?.kind === 'map' ? copy : emptyMap({ file, line: 0 })
}

function below(key: string, value: ConfigMap): ConfigMap {
  const { mark } = value
  return { kind: 'map', entries: new Map([[key, { key, strategy: 'merge', mark, value }]]), mark }
}

/** Files know no `+:` and `-:`. */
function withFileStrategies<Node extends ConfigNode>(node: Node): Node {
  if (node.kind === 'list') for (const item of node.items) withFileStrategies(item)
  if (node.kind !== 'map') return node
  for (const entry of node.entries.values()) {
    if (entry.strategy !== 'override') entry.strategy = 'merge'
    withFileStrategies(entry.value)
  }
  return node
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return ''
    throw unusable(file, 'read', error)
  }
}

/** Writes a file in one step, with the mode that it had; a link stays one. Throws SpackError `config-file`. */
export function writeAtomically(file: string, text: string): void {
  try {
    makeFolders(dirname(file))
    const old = statSync(file, { throwIfNoEntry: false })
    const target = old ? realpathSync(file) : file
    const fresh = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
    try {
      writeFileSync(fresh, text, { mode: old ? old.mode & 0o7777 : 0o666 })
      sync(fresh)
      renameSync(fresh, target)
    } finally {
      rmSync(fresh, { force: true })
    }
  } catch (error) {
    throw unusable(file, 'written', error)
  }
}

function sync(file: string): void {
  const opened = openSync(file, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

function unusable(file: string, what: 'read' | 'written', error: unknown): unknown {
  const reason = refusalReason(systemErrorCode(error))
  return reason ? new SpackError('config-file', `\`${file}\` cannot be ${what}: ${reason}`, { cause: error }) : error
}
