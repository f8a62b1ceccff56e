// What an install plan was made from, so that one can tell in a fraction of a millisecond whether it still holds: files and
// folders by size and time, or their absence, and the environment variables that were asked for.

import { statSync } from 'node:fs'

export interface PlanInputs {
  /** Path → stamp, or null where there was nothing. */
  files: Readonly<Record<string, string | null>>
  /** Variable → value, or null where it was not set. */
  variables: Readonly<Record<string, string | null>>
}

/** Whether everything is as it was. */
export function inputsHold(inputs: PlanInputs, environ: NodeJS.ProcessEnv): boolean {
  for (const name in inputs.variables) if ((environ[name] ?? null) !== inputs.variables[name]) return false
  for (const path in inputs.files) if (fileStamp(path) !== inputs.files[path]) return false
  return true
}

/**
 * Size, time and inode of a file; null when there is none. To be taken before the file is read, so that a change
 * in between is seen. A folder's changes when entries come and go.
 */
export function fileStamp(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.size}-${stat.mtimeMs}-${stat.ino}` : null
}

/** An environment that notes what it is asked for in `asked`. */
export function watchedEnviron(environ: NodeJS.ProcessEnv, asked: Set<string>): NodeJS.ProcessEnv {
  const note = (name: string | symbol) => {
    if (typeof name === 'string') asked.add(name)
  }
  return new Proxy(environ, {
    get(target, name) {
      note(name)
      return Reflect.get(target, name)
    },
    has(target, name) {
      note(name)
      return Reflect.has(target, name)
    },
    ownKeys(target) {
      for (const name of Object.keys(target)) note(name)
      return Reflect.ownKeys(target)
    },
  })
}

export const variableValues = (environ: NodeJS.ProcessEnv, names: Iterable<string>): Record<string, string | null> =>
  Object.fromEntries([...names].sort().map((name) => [name, environ[name] ?? null]))
