// A program that make could start: joins the jobserver, does what its argument says, and says `ready` on the way.

import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Jobserver, type JoinStyle } from '../../src/depfile/jobserver.ts'

const jobserver = Jobserver.join(process.env)
const ready = () => process.stdout.write('ready\n')
const forEver = () => sleep(60_000)

const scenarios: Record<string, (client: Jobserver) => Promise<void>> = {
  'take and return': async (client) => {
    const token = await client.acquire()
    ready()
    await sleep(20)
    client.release(token)
  },
  'take two and end': async (client) => {
    await client.acquire()
    await client.acquire()
    ready()
  },
  'take two and exit': async (client) => {
    await client.acquire()
    await client.acquire()
    ready()
    process.exit(3)
  },
  'take two and throw': async (client) => {
    await client.acquire()
    await client.acquire()
    throw new Error('on purpose')
  },
  'take two and wait': async (client) => {
    await client.acquire()
    await client.acquire()
    ready()
    await forEver()
  },
  'take what is free and exit': async (client) => {
    while (client.tryAcquire() !== null);
    ready()
    process.exit(3)
  },
  'lend the slot': async (client) => {
    const answer = await client.withoutSlot(async () => {
      ready()
      await sleep(30)
      return 42
    })
    process.stdout.write(`${answer}\n`)
  },
  'lend the slot and throw': async (client) => {
    await client.withoutSlot(async () => {
      throw new Error('on purpose')
    })
  },
  'lend the slot and exit': async (client) => {
    await client.withoutSlot(async () => {
      ready()
      process.exit(3)
    })
  },
  'lend the slot and wait': async (client) => {
    await client.withoutSlot(async () => {
      ready()
      await forEver()
    })
  },
  'make below, pipe': async (client) => runMake(client, 'pipe'),
  'make below, fifo': async (client) => runMake(client, 'fifo'),
}

/** A make with jobs of its own, as a build would have one; CHILD_MAKE names it and its Makefile. */
function runMake(client: Jobserver, style: JoinStyle): void {
  const [make, file] = process.env.CHILD_MAKE!.split(' ') as [string, string]
  const child = client.forChild(style, process.env)
  const done = spawnSync(make, ['-f', file], {
    env: child.environ,
    stdio: ['ignore', 'inherit', 'inherit', ...child.descriptors],
  })
  child.release()
  process.exitCode = done.status ?? 1
}

if (!jobserver) process.stdout.write('no jobserver\n')
else await scenarios[process.argv[2]!]!(jobserver)
