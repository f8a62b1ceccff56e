// `spack build-env SPEC -- COMMAND`: runs a command as the build of a spec would, or prints the environment of that build.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { buildEnvironment } from './build-environment.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import type { Invocation } from './invocation.ts'
import { concreteSpecs } from './source-request.ts'

export const buildEnv: Command = {
  name: 'build-env',
  summary: 'dump the install environment for a spec, or run a command in that environment',
  positional: 'spec [-- command]',
  flags: [
    { name: 'clean', help: 'unset variables that are harmful in builds (default)' },
    { name: 'dirty', help: 'keep the environment of the user' },
    { name: 'dump', kind: 'string', value: 'FILE', help: 'write the environment to a file that a shell can read' },
    { name: 'pickle', kind: 'string', value: 'FILE', help: 'not possible: use --dump' },
    ...concretizerFlags,
    forceFlag,
  ],
  run,
}

async function run(invocation: Invocation, args: Arguments): Promise<number> {
  if (flagText(args, 'pickle') !== undefined) {
    throw usage('`--pickle` writes objects of Python, which this program has not', 'use `--dump FILE`')
  }
  const [word, ...others] = args.positional
  // Without `--` the command follows the spec, as in Spack.
  const command = [...others, ...args.rest]
  if (word === undefined) throw usage('`spack build-env` needs a spec', 'see `spack build-env --help`')
  const [spec] = await concreteSpecs(invocation, [word], concretizerOptions(args))
  const { environment } = await buildEnvironment(invocation, spec!, { dirty: flagOn(args, 'dirty') })
  const dump = flagText(args, 'dump')
  if (dump !== undefined) writeFileSync(resolve(invocation.cwd, dump), sourceLines(environment), { mode: 0o600 })
  if (command.length) return await runIn(environment, command, invocation.cwd)
  if (dump === undefined) {
    for (const name of Object.keys(environment).sort()) invocation.print(`${name}=${environment[name]}\n`)
  }
  return 0
}

const usage = (message: string, hint: string): SpackError => new SpackError('usage', message, { exitCode: 2, hint })

const sourceLines = (environment: Readonly<Record<string, string>>): string =>
  Object.keys(environment)
    .filter((name) => /^\w+$/.test(name))
    .sort()
    .map((name) => `${name}='${environment[name]!.replaceAll("'", "'\\''")}'; export ${name}\n`)
    .join('')

function runIn(env: Readonly<Record<string, string>>, [program, ...words]: string[], cwd: string): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(program!, words, { env, cwd, stdio: 'inherit' })
    child.on('error', (cause) => {
      const reason = systemErrorCode(cause) === 'ENOENT' ? 'is not in the `PATH` of the build' : `cannot be started`
      reject(new SpackError('no-command', `\`${program}\` ${reason}`, { hint: 'give its path', cause }))
    })
    child.on('close', (code, signal) => done(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
