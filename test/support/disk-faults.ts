// Makes the disk fail in this process: at the n-th change, from which on nothing reaches the disk any more, as if the process
// had been killed there; or with an error of the system.

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** All calls by which the installer changes something on disk. */
const changes = [
  'chmodSync',
  'chownSync',
  'fchmodSync',
  'ftruncateSync',
  'futimesSync',
  'linkSync',
  'mkdirSync',
  'renameSync',
  'rmSync',
  'symlinkSync',
  'utimesSync',
  'writeFileSync',
  'writeSync',
] as const
type Change = (typeof changes)[number]

/** What a killed process would not have lived to see. */
export class Killed extends Error {}

export interface FaultyDisk {
  /** How many changes there were. */
  count: number
}

/** Runs `work` while `fault` decides before each change: an error is thrown in place of it. */
export async function withFaultyDisk<Result>(
  fault: (change: Change, count: number) => Error | undefined,
  work: (disk: FaultyDisk) => Promise<Result>,
): Promise<Result> {
  const disk: FaultyDisk = { count: 0 }
  const originals = changes.map((name) => [name, fs[name]] as const)
  for (const [name, original] of originals) {
    const faulty = (...words: unknown[]) => {
      const error = fault(name, disk.count++)
      if (error) throw error
      return (original as (...words: unknown[]) => unknown)(...words)
    }
    Object.assign(fs, { [name]: faulty })
  }
  // What others have imported by name follows.
  syncBuiltinESMExports()
  try {
    return await work(disk)
  } finally {
    for (const [name, original] of originals) Object.assign(fs, { [name]: original })
    syncBuiltinESMExports()
  }
}

/** A fault as of a process that is killed before change number `at`: nothing is changed any more, not even to clean up. */
export const killedAt =
  (at: number) =>
  (_: Change, count: number): Error | undefined =>
    count >= at ? new Killed() : undefined

/** A system error as Node throws it. */
export const systemError = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code })

/** What `work` throws, if it does. */
export async function thrown(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  return undefined
}
