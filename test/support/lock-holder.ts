// Another process that takes and gives back locks when told to. Also a program of its own: `node --import tsx THIS`.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { type Lock, type LockRequest, tryLock } from '../../src/store/lock.ts'
import { prefixLockByte } from '../../src/store/prefix-lock.ts'
import type { Store } from '../../src/store/store.ts'

export interface LockHolderProcess {
  pid: number
  /** Whether the process got the lock. */
  take: (request: LockRequest) => Promise<boolean>
  /** Takes the lock that an installer of the spec holds. */
  takePrefix: (store: Store, node: SpecNode) => Promise<boolean>
  /** Takes the lock of whoever changes the database. */
  takeDatabase: (store: Store) => Promise<boolean>
  /** Gives back all its locks. */
  releaseAll: () => Promise<boolean>
  /** Ends it as the kernel would: without a word. */
  kill: () => Promise<void>
}

const program = fileURLToPath(import.meta.url)

/** Starts a process that holds no lock yet. */
export async function startLockHolder(): Promise<LockHolderProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, 'hold'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (command: unknown): Promise<boolean> => {
    child.stdin.write(`${JSON.stringify(command, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}\n`)
    const answer = await lines.next()
    return answer.value === 'true'
  }
  const exited = new Promise<void>((resolve) => void child.on('exit', () => resolve()))
  return {
    pid: child.pid!,
    take: async (request) => await ask(request),
    takePrefix: async (store, node) => await ask(lockOfPrefix(store, node)),
    takeDatabase: async (store) => await ask(lockOfDatabase(store)),
    releaseAll: async () => await ask('release'),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

const lockOfPrefix = (store: Store, node: SpecNode): LockRequest => ({
  file: join(store.databaseDir, 'prefix_lock'),
  range: { start: prefixLockByte(node.hash as DagHash), length: 1n },
  mode: 'write',
  what: node.name,
})

const lockOfDatabase = (store: Store): LockRequest => ({
  file: join(store.databaseDir, 'lock'),
  range: { start: 0n, length: 0n },
  mode: 'write',
  what: 'the database',
})

async function serve(): Promise<void> {
  const locks: Lock[] = []
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line, (_, value) =>
      typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
    )
    if (command === 'release') {
      for (const lock of locks.splice(0)) lock.release()
      console.log('true')
      continue
    }
    const lock = tryLock(command)
    if (lock) locks.push(lock)
    console.log(String(lock !== undefined))
  }
}

if (process.argv[1] === program && process.argv[2] === 'hold') await serve()
