import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withEnvironmentLock } from '../../src/environment/environment-lock.ts'
import { defaultLocks } from '../../src/store/store.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

test('an environment that cannot be written is told apart from a store, with what helps', async () => {
  const folder = scratch()
  // Not even root can make folders below a file.
  writeFileSync(join(folder, 'file'), '')
  const environment = { name: 'mine', metadataDir: join(folder, 'file') }
  const work = () => assert.unreachable('without a lock')
  const error = await rejection(withEnvironmentLock(environment, defaultLocks, work), 'lock-read-only')
  assert.match(error.message, `cannot lock the environment \`mine\`: \`${folder}/file/transaction_lock\``)
  assert.match(error.hint!, '`spack env create -d DIR ENV`')
})

test('whoever writes to an environment waits for others, and gives it back also after a failure', async () => {
  const metadataDir = join(scratch(), '.spack-env')
  const file = join(metadataDir, 'transaction_lock')
  const request = { file, range: { start: 0n, length: 0n }, mode: 'write', what: 'it' } as const
  const other = await startLockHolder()
  assert.ok(await other.take(request))
  let isDone = false
  const failing = withEnvironmentLock({ name: 'mine', metadataDir }, defaultLocks, () => {
    isDone = true
    throw new Error('on purpose')
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.not(isDone)
  await other.releaseAll()
  await failing.then(assert.unreachable, (error: Error) => assert.is(error.message, 'on purpose'))
  assert.ok(await other.take(request))
  await other.kill()
})

test.run()
