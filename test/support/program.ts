// Runs the built `dist/spack.js` as a user would, in a world of its own.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const spackProgram = fileURLToPath(new URL('../../dist/spack.js', import.meta.url))
export const installProgram = fileURLToPath(new URL('../../dist/install.js', import.meta.url))

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  input?: string
  timeoutMs?: number
}

/** Environment variables that keep a run inside `home`: no user, system or site configuration of the machine. */
export function isolated(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('SPACK') && name !== 'MAKEFLAGS')
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    SPACK_ROOT: join(home, 'spack'),
    SPACK_USER_CONFIG_PATH: join(home, 'user-config'),
    SPACK_USER_CACHE_PATH: join(home, 'user-cache'),
    SPACK_SYSTEM_CONFIG_PATH: join(home, 'system-config'),
    SPACK_COLOR: 'never',
    GIT_ALLOW_PROTOCOL: 'file',
  }
}

/** Runs any program to its end. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Outcome {
  const done = spawnSync(program, args, {
    cwd: options.cwd,
    env: options.env,
    input: options.input,
    encoding: 'utf8',
    timeout: options.timeoutMs ?? 120_000,
    maxBuffer: 64 << 20,
  })
  if (done.error) throw done.error
  return { code: done.status, stdout: done.stdout, stderr: done.stderr }
}

/** Runs `spack ARGS…`. */
export const runSpack = (args: readonly string[], options: RunOptions = {}): Outcome =>
  runProgram(process.execPath, [spackProgram, ...args], options)
