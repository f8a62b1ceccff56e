import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DagHash } from '../../src/spec/spec.ts'
import { setLock } from '../../src/store/fcntl.ts'
import { acquireLock, type LockRequest, lockHolder, tryLock } from '../../src/store/lock.ts'
import { prefixLockByte, tryPrefixLock } from '../../src/store/prefix-lock.ts'
import { storeFrom } from '../../src/store/store.ts'
import type { SpackError } from '../../src/ui/error.ts'
import { storeAt } from '../support/bare-store.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('lock')
const whole = { start: 0n, length: 0n }
const ofFile = (file: string, more: Partial<LockRequest> = {}): LockRequest => ({
  file,
  range: whole,
  mode: 'write',
  what: 'the database',
  ...more,
})
const ofByte = (file: string, start: bigint): LockRequest => ofFile(file, { range: { start, length: 1n } })

test('a lock of another process is seen, with its pid, and free again when that process is killed', async () => {
  const file = join(scratch(), 'db', 'lock')
  const other = await startLockHolder()
  assert.ok(await other.take(ofFile(file)))
  assert.is(tryLock(ofFile(file)), undefined)
  assert.is(tryLock(ofFile(file, { mode: 'read' })), undefined)
  assert.equal(lockHolder(ofFile(file)), { pid: other.pid, mode: 'write' })
  await other.kill()
  const lock = tryLock(ofFile(file))
  assert.ok(lock)
  lock.release()
})

test('readers share, and a writer waits for them', async () => {
  const file = join(scratch(), 'lock')
  const other = await startLockHolder()
  assert.ok(await other.take(ofFile(file, { mode: 'read' })))
  const mine = tryLock(ofFile(file, { mode: 'read' }))
  assert.ok(mine)
  mine.release()
  assert.is(tryLock(ofFile(file)), undefined)
  const pending = acquireLock(ofFile(file), { timeoutMs: 10_000, knob: 'config:db_lock_timeout' })
  await other.kill()
  const lock = await pending
  lock.release()
})

test('a time-out names the file, the holder and the setting', async () => {
  const file = join(scratch(), 'lock')
  const other = await startLockHolder()
  assert.ok(await other.take(ofFile(file)))
  const notices: string[] = []
  const onWait = (notice: string) => void notices.push(notice)
  const options = { timeoutMs: 60, knob: 'config:db_lock_timeout', onWait, noticeAfterMs: 10 }
  const error = await rejection(acquireLock(ofFile(file), options), 'lock-timeout')
  await other.kill()
  assert.match(error.message, `\`${file}\` is held by process ${other.pid} (for writing)`)
  assert.match(error.hint!, 'config:db_lock_timeout')
  assert.is(notices.length, 1)
})

test('where no setting changes the time-out, none is named', async () => {
  const file = join(scratch(), 'lock')
  const other = await startLockHolder()
  assert.ok(await other.take(ofFile(file)))
  const error = await rejection(acquireLock(ofFile(file), { timeoutMs: 1 }), 'lock-timeout')
  await other.kill()
  assert.is(error.hint, 'let the other process finish')
})

test('a system that has no such locks is named, with the way to do without', () => {
  const descriptor = openSync(join(scratch(), 'lock'), 'w')
  closeSync(descriptor)
  const lock = () => setLock(descriptor, 'write', whole)
  assert.throws(lock, (error: SpackError) => error.code === 'locks-unavailable' && /EBADF/.test(error.message))
  assert.throws(lock, (error: SpackError) => /`spack -L …` or `config:locks:false`/.test(error.hint ?? ''))
})

test('bytes of one file are independent, and giving one back keeps the others', async () => {
  const file = join(scratch(), 'prefix_lock')
  const other = await startLockHolder()
  const first = tryLock(ofByte(file, 2n ** 62n + 1n))!
  const second = tryLock(ofByte(file, 2n ** 62n + 2n))!
  first.release()
  assert.ok(await other.take(ofByte(file, 2n ** 62n + 1n)), 'given back')
  assert.not(await other.take(ofByte(file, 2n ** 62n + 2n)), 'still held')
  second.release()
  assert.ok(await other.take(ofByte(file, 2n ** 62n + 2n)))
  await other.kill()
})

test('a process does not get what it holds itself, unless both only read', () => {
  const file = join(scratch(), 'lock')
  const first = tryLock(ofFile(file, { mode: 'read' }))!
  const second = tryLock(ofFile(file, { mode: 'read' }))!
  assert.is(tryLock(ofFile(file)), undefined)
  first.release()
  first.release()
  assert.is(tryLock(ofFile(file)), undefined)
  second.release()
  tryLock(ofFile(file))!.release()
})

test('a lock file is made empty, with the mode that the umask leaves of 777', () => {
  const file = join(scratch(), '.spack-db', 'lock')
  tryLock(ofFile(file))!.release()
  const stat = statSync(file)
  assert.is(stat.size, 0)
  assert.is(stat.mode & 0o777, 0o777 & ~process.umask())
})

test('the byte of a prefix is the first 63 bits of its hash', () => {
  const byte = (hash: string) => prefixLockByte(hash as DagHash)
  assert.is(byte('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), 0n)
  assert.is(byte('77777777777777777777777777777777'), 2n ** 63n - 1n)
  assert.is(byte('3kkp3m4df4oqxq2dwdpt6xxszkjy3yds'), expectedByte('3kkp3m4df4oqxq2dwdpt6xxszkjy3yds'))
})

test('with config:locks:false nothing is locked', () => {
  const root = scratch()
  const store = storeFrom({ ...storeAt(root), locks: { enabled: false, databaseTimeoutMs: 1, packageTimeoutMs: 1 } })
  const spec = { hash: '3kkp3m4df4oqxq2dwdpt6xxszkjy3yds' as DagHash, name: 'gcc' }
  tryPrefixLock(store, spec, 'write')!.release()
  assert.not(existsSync(store.databaseDir))
})

const python = spawnSync('python3', ['-c', 'import fcntl'])
const withPython = python.status === 0 ? test : test.skip
withPython("Python's lockf finds the byte busy and the next one free", () => {
  const file = join(scratch(), 'prefix_lock')
  const start = prefixLockByte('3kkp3m4df4oqxq2dwdpt6xxszkjy3yds' as DagHash)
  const lock = tryLock(ofByte(file, start))!
  const script = `
import fcntl
file = open(${JSON.stringify(file)}, 'rb+')
for start in (${start}, ${start + 1n}):
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, start)
        print('free')
    except OSError:
        print('busy')
`
  const seen = spawnSync('python3', ['-c', script], { encoding: 'utf8' })
  lock.release()
  assert.is(seen.stdout, 'busy\nfree\n')
  assert.is(readFileSync(file, 'utf8'), '')
})

/** The same number by way of text: bits, then the first 63 of them. */
function expectedByte(hash: string): bigint {
  const bits = [...hash].map((letter) =>
    'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  return BigInt(`0b${bits.join('').slice(0, 63)}`)
}

test.run()
