// `spack config edit`: opens the file of a section, or the manifest of the active environment, in an editor.

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { editableScope } from '../config/edit.ts'
import { spackPaths } from '../config/paths.ts'
import { sectionFile } from '../config/scope.ts'
import { type Environment, findEnvironment } from '../environment/environment.ts'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { oneSection } from './config-show.ts'
import { configuration, environmentsRoot } from './configured.ts'
import type { Invocation } from './invocation.ts'

export async function editConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const file = await editedFile(invocation, args)
  if (flagOn(args, 'print-file')) {
    invocation.print(`${file}\n`)
    return 0
  }
  makeFolders(dirname(file))
  return runEditor(invocation.environ, file)
}

/** A manifest is found without reading it: it may be what is broken. */
async function editedFile(invocation: Invocation, args: Arguments): Promise<string> {
  const name = flagText(args, 'scope')
  const section = oneSection(args)
  const environment = name === undefined ? await editedEnvironment(invocation) : undefined
  if (environment) return environment.manifestFile
  const scope = editableScope(await configuration(invocation), name)
  if (section) return sectionFile(scope, section)!
  if (scope.kind === 'file') return scope.path!
  throw new SpackError('usage', '`spack config edit` needs the name of a section, or an active environment', {
    exitCode: 2,
    hint: '`spack config list` shows the sections',
  })
}

/** The active environment, also where settings are broken that say where environments are. */
function editedEnvironment(invocation: Invocation): Promise<Environment | undefined> {
  return findEnvironment(invocation.options, invocation, async () => {
    try {
      return await environmentsRoot(invocation)
    } catch (error) {
      if (error instanceof SpackError) return spackPaths(invocation.environ).environments
      throw error
    }
  })
}

const usualEditors = ['vim', 'vi', 'emacs', 'nano']

/** The user's editor on a file. The first of `SPACK_EDITOR`, `VISUAL` and `EDITOR` that is set, else a usual one. */
function runEditor(environ: NodeJS.ProcessEnv, file: string): number {
  const chosen = [environ.SPACK_EDITOR, environ.VISUAL, environ.EDITOR].find(Boolean)
  const editor = chosen ?? usualEditors.find((name) => isProgram(name, environ))
  if (!editor) {
    throw new SpackError('no-editor', 'no editor was found', {
      hint: 'set `EDITOR`, for instance `export EDITOR=nano`',
    })
  }
  // The variables may hold arguments too; a shell reads them, as Git and others have it.
  const done = spawnSync('sh', ['-c', `${editor} "$1"`, 'spack', file], { stdio: 'inherit', env: environ })
  if (done.error) throw done.error
  if (done.status === 126 || done.status === 127) {
    throw new SpackError('no-editor', `the editor \`${editor}\` could not be started`, { hint: 'set `EDITOR`' })
  }
  return done.status ?? 1
}

function isProgram(name: string, environ: NodeJS.ProcessEnv): boolean {
  const folders = (environ.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch (error) {
      if (systemErrorCode(error)) return false
      throw error
    }
  })
}
