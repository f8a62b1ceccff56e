// The user's editor.

import { spawnSync } from 'node:child_process'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

/** Tried after what the environment names. */
const usual = ['vim', 'vi', 'emacs', 'nano']

/** Opens files in `$SPACK_EDITOR`, `$VISUAL` or `$EDITOR`, and waits for its end. Throws SpackError `editor`. */
export async function editFiles({ environ }: Invocation, files: readonly string[]): Promise<void> {
  const named = ['SPACK_EDITOR', 'VISUAL', 'EDITOR'].flatMap((name) =>
    environ[name] ? [{ name, command: environ[name] }] : [],
  )
  for (const { name, command } of named) {
    const [program, ...words] = command.trim().split(/\s+/)
    const end = open(program!, [...words, ...files], environ)
    if (end === 'missing') continue
    if (end === 0) return
    throw new SpackError('editor', `\`${command}\`, the editor that \`$${name}\` names, ended with exit code ${end}`)
  }
  for (const program of usual) {
    const end = open(program, files, environ)
    if (end === 'missing') continue
    if (end === 0) return
    throw new SpackError('editor', `the editor \`${program}\` ended with exit code ${end}`)
  }
  throw new SpackError('editor', 'there is no editor', {
    detail: files.map((file) => `  ${file}`).join('\n'),
    hint: 'name one in `$EDITOR`',
  })
}

function open(program: string, words: readonly string[], environ: NodeJS.ProcessEnv): number | 'missing' {
  const { status, signal, error } = spawnSync(program, words, { stdio: 'inherit', env: environ })
  if (error && ['ENOENT', 'EACCES'].includes(systemErrorCode(error) ?? '')) return 'missing'
  if (error) throw error
  return status ?? (signal ? 128 : 0)
}
