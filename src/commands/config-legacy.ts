// `spack config update` and `spack config revert`: files in an old form are written anew, and back again.

import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { editableScope, editSection, writeAtomically } from '../config/edit.ts'
import { modernize } from '../config/legacy.ts'
import { copyNode } from '../config/node.ts'
import { type Scope, sectionFile } from '../config/scope.ts'
import { requireSection, type SectionName } from '../config/sections.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { askYesOrNo } from './question.ts'

export async function updateConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const section = sectionArgument(args)
  const outdated = (await namedScopes(invocation, args)).filter((scope) => isOutdated(scope, section))
  if (!outdated.length) {
    invocation.print(`==> No updates needed for "${section}" section.\n`)
    return 0
  }
  const files = outdated.map((scope) => `    [scope=${scope.name}, file=${sectionFile(scope, section)}]`)
  const notice = `==> These files will be brought to the present format; older versions of Spack may not read them:\n${files.join('\n')}\n`
  if (!(await agrees(invocation, args, notice))) return 1
  for (const scope of outdated) {
    const file = sectionFile(scope, section)!
    copyFileSync(file, backupOf(file))
    await editSection(scope, section, (sections) => void modernize(section, sections.entries.get(section)!))
    invocation.print(`==> File "${file}" updated [backup=${backupOf(file)}]\n`)
  }
  return 0
}

export async function revertConfig(invocation: Invocation, args: Arguments): Promise<number> {
  const section = sectionArgument(args)
  const files = (await namedScopes(invocation, args)).map((scope) => sectionFile(scope, section)!)
  const restored = files.filter((file) => existsSync(backupOf(file)))
  if (!restored.length) {
    invocation.print(`==> There is no backup of the "${section}" section.\n`)
    return 0
  }
  const lines = restored.map((file) => `    [file=${file}, backup=${backupOf(file)}]`)
  const notice = `==> These files will be restored from their backups, which cannot be undone:\n${lines.join('\n')}\n`
  if (!(await agrees(invocation, args, notice))) return 1
  for (const file of restored) {
    writeAtomically(file, readFileSync(backupOf(file), 'utf8'))
    rmSync(backupOf(file))
    invocation.print(`==> File "${file}" reverted to old state\n`)
  }
  return 0
}

const backupOf = (file: string): string => `${file}.bkp`

function sectionArgument({ positional }: Arguments): SectionName {
  if (positional.length === 1) return requireSection(positional[0]!)
  throw new SpackError('usage', 'name one section', { exitCode: 2, hint: '`spack config list` shows them' })
}

/** The scope that is asked for, or all that can be written. */
async function namedScopes(invocation: Invocation, args: Arguments): Promise<Scope[]> {
  const made = await configuration(invocation)
  const name = flagText(args, 'scope')
  return name === undefined ? made.scopes.filter((scope) => scope.isWritable) : [editableScope(made, name)]
}

function isOutdated(scope: Scope, section: SectionName): boolean {
  const entry = scope.section(section)
  return entry !== undefined && modernize(section, { ...entry, value: copyNode(entry.value) })
}

async function agrees(invocation: Invocation, args: Arguments, notice: string): Promise<boolean> {
  if (flagOn(args, 'yes-to-all')) return true
  invocation.print(notice)
  const answer = await askYesOrNo(invocation, '==> Do you want to proceed? [y/N] ')
  if (answer) return true
  invocation.say('==> Nothing was changed\n')
  return false
}
