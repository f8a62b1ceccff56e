// views/activation: what bash has after evaluating `spack env activate --sh`, and after deactivating (`activation.json`).

import { spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArguments } from '../../src/commands/arguments.ts'
import type { Command } from '../../src/commands/command.ts'
import { envActivate, envDeactivate } from '../../src/commands/env-activate.ts'
import type { Invocation } from '../../src/commands/invocation.ts'
import { lockfileSpecs } from '../../src/environment/locked-specs.ts'
import { readLockfile } from '../../src/environment/lockfile.ts'
import { writeIndex } from '../../src/store/index-file.ts'
import { renderError } from '../../src/ui/error.ts'
import { storeAt } from '../support/bare-store.ts'
import { noFlags } from '../support/invocation.ts'
import { fillStore } from '../support/kit-store.ts'
import type { Tally } from './tally.ts'

type Variables = Record<string, string | null>

interface Case {
  case: string
  views_case: string
  options: string[]
  before: Record<string, string>
  manifest_extra?: string
  exit: number
  error?: string
  activate?: { variables: Variables; aliases: string[]; PS1?: string }
  after_deactivate?: { variables_that_still_differ: Variables; aliases: string[] }
}

/** What bash knows: exported variables, aliases and the prompt. */
interface ShellState {
  variables: Record<string, string>
  aliases: string[]
  PS1: string
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const cases = JSON.parse(readFileSync(join(folder, 'views/activation.json'), 'utf8')) as Case[]
  for (const one of cases) {
    const temporary = mkdtempSync('/tmp/v')
    await checkCase(one, folder, temporary, tally)
    rmSync(temporary, { recursive: true })
  }
}

async function checkCase(one: Case, folder: string, temporary: string, tally: Tally): Promise<void> {
  const dir = await makeEnvironment(one, folder, temporary)
  const inPlace = (text: string) => text.replaceAll('/work-env', dir)
  const before = Object.fromEntries(Object.entries(one.before).map(([name, value]) => [name, inPlace(value)]))
  const environ = { ...before, ...settings(temporary) }
  const activation = await runCommand(envActivate, ['--sh', ...one.options, dir], environ, temporary)
  if (one.error) {
    tally.check(`${one.case}: error`, one.error, () => (activation.failure ?? '').split('\n')[0])
    return
  }
  if (activation.failure) throw new Error(activation.failure)
  const start = await inBash('', before)
  const active = await inBash(activation.text, before)
  const expected = one.activate!
  tally.check(
    `${one.case}: activated`,
    { wrong: [], aliases: expected.aliases, PS1: expected.PS1 ?? start.PS1 },
    () => {
      const wanted = Object.entries(expected.variables)
      const found = differencesOf(start.variables, active.variables)
      const unexpected = Object.keys(found).filter((name) => !(name in expected.variables))
      const wrong = wanted.filter(([name, value]) => !isAsWanted(value === null ? null : inPlace(value), found[name]))
      return {
        wrong: [...unexpected, ...wrong.map(([name]) => `${name}=${found[name]}`)],
        aliases: active.aliases,
        PS1: active.PS1,
      }
    },
  )
  const deactivation = await runCommand(
    envDeactivate,
    ['--sh'],
    { ...active.variables, ...settings(temporary) },
    temporary,
  )
  const left = await inBash(`${activation.text}\n${deactivation.text}`, before)
  const known = one.after_deactivate!
  tally.check(`${one.case}: deactivated`, { ofView: [], changed: [], aliases: known.aliases, PS1: start.PS1 }, () => {
    const differing = Object.entries(differencesOf(start.variables, left.variables))
    const isKnown = ([name, value]: [string, string | null]) =>
      withoutOddities(known.variables_that_still_differ[name], inPlace) === value
    return {
      ofView: Object.keys(left.variables).filter((name) => left.variables[name]!.includes(dir)),
      changed: differing.filter((each) => !isKnown(each)).map(([name, value]) => `${name}=${value}`),
      aliases: left.aliases,
      PS1: left.PS1,
    }
  })
}

/** Spack sets what the manifest unsets to nothing when a view is active; gone is as good. */
const isAsWanted = (wanted: string | null, found: string | null | undefined): boolean =>
  wanted === found || (wanted === '' && found === null)

/** Where Spack leaves `.` in lists after deactivation, it means nothing. */
function withoutOddities(
  value: string | null | undefined,
  inPlace: (text: string) => string,
): string | null | undefined {
  if (typeof value !== 'string') return value
  const entries = inPlace(value)
    .split(':')
    .filter((entry) => entry !== '.')
  return entries.join(':')
}

async function makeEnvironment(one: Case, folder: string, temporary: string): Promise<string> {
  const dir = join(temporary, one.views_case)
  mkdirSync(dir)
  for (const file of ['spack.yaml', 'spack.lock'])
    copyFileSync(join(folder, 'views', one.views_case, file), join(dir, file))
  appendFileSync(join(dir, 'spack.yaml'), one.manifest_extra ?? '')
  const store = storeAt(join(temporary, 's'))
  mkdirSync(join(temporary, 'user'))
  writeFileSync(join(temporary, 'user/config.yaml'), `config: {install_tree: {root: ${store.root}}}\n`)
  writeRepositories(temporary, join(folder, 'views/repo/spack_repo/kit'))
  const lockfile = readLockfile(readFileSync(join(dir, 'spack.lock'), 'utf8'), 'spack.lock')
  const { database } = await fillStore(store, join(folder, 'views/cache'), lockfileSpecs(lockfile))
  mkdirSync(store.databaseDir, { recursive: true })
  writeIndex(store, database)
  return dir
}

/** The kit's recipes, and of those that they derive from only what they need. */
function writeRepositories(temporary: string, kit: string): void {
  const builtin = join(temporary, 'spack_repo/builtin')
  for (const below of ['packages', 'build_systems']) mkdirSync(join(builtin, below), { recursive: true })
  writeFileSync(join(builtin, 'repo.yaml'), 'repo:\n  namespace: builtin\n  api: v2.2\n')
  writeFileSync(join(builtin, 'build_systems/generic.py'), 'from spack.package import Package\n')
  writeFileSync(join(temporary, 'user/repos.yaml'), `repos:: {kit: ${kit}, builtin: ${builtin}}\n`)
}

const settings = (temporary: string): Record<string, string> => ({
  SPACK_ROOT: join(temporary, 'root'),
  SPACK_USER_CONFIG_PATH: join(temporary, 'user'),
  SPACK_SYSTEM_CONFIG_PATH: join(temporary, 'none'),
  SPACK_USER_CACHE_PATH: join(temporary, 'cache'),
})

async function runCommand(
  command: Command,
  words: readonly string[],
  environ: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ text: string; failure?: string }> {
  let text = ''
  const invocation: Invocation = {
    options: noFlags,
    environ,
    cwd,
    print: (part) => void (text += part),
    say: () => {},
    stdoutHasColour: false,
    stderrHasColour: false,
    stdoutWidth: undefined,
  }
  try {
    await command.run!(invocation, parseArguments(words, command.flags ?? [], { path: 'spack env' }))
    return { text }
  } catch (error) {
    return { text: '', failure: renderError(error) }
  }
}

async function inBash(text: string, environ: Record<string, string>): Promise<ShellState> {
  const script = `PS1='$ '\neval "$1"\nalias; printf '\\0%s\\0' "\${PS1-}"; exec env -0`
  const done = spawnSync('/bin/bash', ['--norc', '-c', script, 'bash', text], { env: environ, encoding: 'utf8' })
  if (done.status !== 0 || done.stderr) throw new Error(`bash: ${done.stderr}`)
  const [aliases, PS1, ...variables] = done.stdout.split('\0')
  const pairs = variables.filter(Boolean).map((pair) => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const
  })
  return {
    variables: Object.fromEntries(pairs.filter(([name]) => !['_', 'SHLVL', 'PWD', 'OLDPWD'].includes(name))),
    aliases: aliases!
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace(/^alias /, '')),
    PS1: PS1!,
  }
}

function differencesOf(before: Record<string, string>, after: Record<string, string>): Variables {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const changed = [...names].filter((name) => before[name] !== after[name])
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]))
}
