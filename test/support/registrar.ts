// A process that installs one made-up spec: prefix lock, intent, publishing, then a look at the database, as an installer
// and the commands beside it do. Bundled and started many times by contention.test.ts.
//
// Arguments: store root, number of the spec, when to begin (milliseconds since the epoch). Prints what it waited, as JSON.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DagHash } from '../../src/spec/spec.ts'
import { recordIntent } from '../../src/store/journal.ts'
import { acquirePrefixLock } from '../../src/store/prefix-lock.ts'
import { readDatabase } from '../../src/store/transaction.ts'
import { storeAt } from './bare-store.ts'
import { manySpecs, publish } from './prefixes.ts'

const [root, number, beginMs] = process.argv.slice(2)
const store = storeAt(root!)
const { apps, all } = manySpecs()
const node = apps[Number(number)]!
const spec = { hash: node.hash as DagHash, name: node.name }
const prefix = join(store.root, `${node.name}-${node.hash}`)
await sleep(Math.max(0, Number(beginMs) - Date.now()))

const lock = await acquirePrefixLock(store, spec, 'write')
const locked = performance.now()
recordIntent(store, { ...spec, prefix, isExplicit: true, timeSeconds: Date.now() / 1000 })
const recordMs = performance.now() - locked
publish(prefix, node, all)
lock.release()
const { database } = await readDatabase(store)
const sees = database.record(spec.hash)?.isInstalled === true
console.log(JSON.stringify({ waitedMs: lock.waitedMs, recordMs, sees }))
