// The client of make's jobserver: what MAKEFLAGS says, and that each token comes back however a program ends.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Jobserver, withJobs } from '../../src/depfile/jobserver.ts'
import { readMakeflags, writeMakeflags } from '../../src/depfile/makeflags.ts'
import { makePrograms } from '../support/depfile.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('jobserver')

test('all forms of MAKEFLAGS are read', () => {
  const forms: [string | undefined, ReturnType<typeof readMakeflags>][] = [
    [undefined, { kind: 'serial' }],
    ['', { kind: 'serial' }],
    ['k', { kind: 'serial' }],
    ['n -j1', { kind: 'serial' }],
    [' -j', { kind: 'unlimited' }],
    ['ks -j', { kind: 'unlimited' }],
    [' -j --jobserver-fds=3,4', { kind: 'pipe', read: 3, write: 4 }],
    [' -j2 --jobserver-auth=10,11', { kind: 'pipe', read: 10, write: 11 }],
    ['kn -j4 -l2.5 --jobserver-auth=3,4 -- CFLAGS=-O\\ -g', { kind: 'pipe', read: 3, write: 4 }],
    [' --jobserver-auth=3,4 -j --jobserver-auth=5,6', { kind: 'pipe', read: 5, write: 6 }],
    [' -j2 --jobserver-auth=fifo:/tmp/GMfifo1', { kind: 'fifo', path: '/tmp/GMfifo1' }],
    [' -j2 --jobserver-auth=fifo:/tmp/a\\ b', { kind: 'fifo', path: '/tmp/a b' }],
    [' -j2 --jobserver-auth=-2,-2', { kind: 'serial' }],
    [' -j2 --jobserver-auth=gmake_semaphore_1', { kind: 'serial' }],
    [' -- X=--jobserver-auth=3,4 -j', { kind: 'serial' }],
    ['j', { kind: 'serial' }],
  ]
  for (const [text, expected] of forms) assert.equal(readMakeflags(text), expected, text)
})

test('what is written is read back', () => {
  for (const jobs of [
    { kind: 'serial' },
    { kind: 'unlimited' },
    { kind: 'pipe', read: 3, write: 4 },
    { kind: 'fifo', path: '/tmp/x' },
  ] as const) {
    assert.equal(readMakeflags(writeMakeflags(jobs)), jobs)
  }
})

test('nothing of make but the jobserver reaches a child', () => {
  const outer = {
    MAKEFLAGS: 'ki -j2 --jobserver-auth=3,4 -- X=1',
    MFLAGS: '-ki',
    MAKELEVEL: '2',
    MAKEOVERRIDES: 'x',
    PATH: '/bin',
  }
  assert.equal(withJobs(outer, { kind: 'serial' }), { PATH: '/bin' })
  assert.equal(withJobs(outer, { kind: 'pipe', read: 3, write: 4 }), {
    PATH: '/bin',
    MAKEFLAGS: ' -j --jobserver-fds=3,4 --jobserver-auth=3,4',
  })
})

test('descriptors that are not one pipe are not believed', () => {
  const folder = scratch()
  const file = openSync(join(folder, 'file'), 'w+')
  spawnSync('mkfifo', [join(folder, 'one'), join(folder, 'two')])
  const [one, two] = ['one', 'two'].map((name) => openSync(join(folder, name), constants.O_RDWR)) as [number, number]
  for (const auth of [
    `${file},${file}`,
    `${one},${two}`,
    `${one},987`,
    '986,987',
    `fifo:${join(folder, 'file')}`,
    'fifo:/none',
  ]) {
    assert.is(Jobserver.join({ MAKEFLAGS: ` -j2 --jobserver-auth=${auth}` }), null, auth)
  }
  for (const descriptor of [file, one, two]) closeSync(descriptor)
})

const clientProgram = fileURLToPath(new URL('../support/jobserver-client.ts', import.meta.url))

/** A jobserver with two tokens, which a client can join in both styles. */
function makeServer() {
  const path = join(scratch(), 'fifo')
  spawnSync('mkfifo', [path])
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  writeSync(descriptor, 'ab')
  return {
    start: (scenario: string, style: 'pipe' | 'fifo', env: NodeJS.ProcessEnv = {}): ChildProcess => {
      const auth = style === 'pipe' ? '3,4' : `fifo:${path}`
      return spawn(process.execPath, ['--import', 'tsx', clientProgram, scenario], {
        env: { ...process.env, ...env, MAKEFLAGS: `k -j3 --jobserver-auth=${auth} -- X=leaked` },
        stdio: ['ignore', 'pipe', 'pipe', ...(style === 'pipe' ? [descriptor, descriptor] : [])],
      })
    },
    /** The tokens that are there, which are put back. */
    tokens: (): string => {
      const bytes = Buffer.alloc(16)
      let count = 0
      try {
        count = readSync(descriptor, bytes)
      } catch {
        return ''
      }
      writeSync(descriptor, bytes, 0, count)
      return bytes.toString('latin1', 0, count).split('').sort().join('')
    },
  }
}

interface Ending {
  code: number | null
  signal: string | null
  output: string
}

function ending(child: ChildProcess, onReady?: () => void): Promise<Ending> {
  let output = ''
  return new Promise((resolve) => {
    child.stdout!.on('data', (data) => {
      output += data
      if (String(data).includes('ready')) onReady?.()
    })
    child.stderr!.on('data', (data) => (output += data))
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })
}

const endings: [
  scenario: string,
  kill: NodeJS.Signals | undefined,
  code: number | null,
  tokensMeanwhile: string | undefined,
][] = [
  ['take and return', undefined, 0, undefined],
  ['take two and end', undefined, 0, undefined],
  ['take two and exit', undefined, 3, undefined],
  ['take two and throw', undefined, 1, undefined],
  ['take two and wait', 'SIGTERM', null, ''],
  ['take two and wait', 'SIGINT', null, ''],
  ['lend the slot', undefined, 0, '+ab'],
  ['lend the slot and throw', undefined, 1, undefined],
  ['lend the slot and exit', undefined, 3, undefined],
  ['lend the slot and wait', 'SIGTERM', null, '+ab'],
]

for (const style of ['pipe', 'fifo'] as const) {
  test(`all tokens come back through a ${style}`, async () => {
    await Promise.all(
      endings.map(async ([scenario, kill, code, meanwhile]) => {
        const server = makeServer()
        const child = server.start(scenario, style)
        let seen: string | undefined
        const end = await ending(child, () => {
          if (meanwhile !== undefined) seen = server.tokens()
          if (kill) child.kill(kill)
        })
        const label = `${scenario}, ${kill}: ${end.output}`
        assert.is(end.code, code, label)
        assert.is(end.signal, kill ?? null, label)
        if (meanwhile !== undefined) assert.is(seen, meanwhile, label)
        assert.is(server.tokens().length, 2, label)
      }),
    )
  })

  for (const make of makePrograms) {
    test(`a ${make} below joins a ${style}, and sees nothing else of the outer make`, async () => {
      const file = join(scratch(), 'child.mk')
      writeFileSync(file, 'all: a b c ; @echo flags [$(MAKEFLAGS)] [$(X)]\na b c: ; @sleep 0.05; echo made $@\n')
      // Make before 4.4 knows no fifo; other programs of a build may know nothing else.
      const version = Number(/\d+\.\d+/.exec(spawnSync(make, ['--version'], { encoding: 'utf8' }).stdout)?.[0])
      for (const below of version >= 4.4 ? (['pipe', 'fifo'] as const) : (['pipe'] as const)) {
        const server = makeServer()
        const end = await ending(server.start(`make below, ${below}`, style, { CHILD_MAKE: `${make} ${file}` }))
        assert.is(end.code, 0, end.output)
        assert.not.match(end.output, /warning|unavailable|leaked/i)
        assert.not.match(end.output, /flags \[k/)
        assert.is(server.tokens().length, 2)
      }
    })
  }
}

for (const make of makePrograms) {
  test(`${make} counts its tokens after programs that took and lent some`, async () => {
    const file = join(scratch(), 'Makefile')
    const run = (scenario: string) => `+-@${process.execPath} --import tsx ${clientProgram} '${scenario}'`
    writeFileSync(
      file,
      `all: a b c d\na:\n\t${run('take what is free and exit')}\nb:\n\t${run('lend the slot')}\nc:\n\t${run('take and return')}\nd:\n\t${run('lend the slot and exit')}\n`,
    )
    const env = withJobs(process.env, { kind: 'serial' })
    const end = await ending(spawn(make, ['-j3', '-f', file], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
    assert.is(end.code, 0, end.output)
    assert.not.match(end.output, /jobserver|token|no jobserver/)
    assert.is(end.output.match(/ready/g)?.length, 4, end.output)
  })

  test(`a line of ${make} without + has no jobserver, whatever MAKEFLAGS says`, async () => {
    const file = join(scratch(), 'Makefile')
    writeFileSync(file, `all:\n\t@${process.execPath} --import tsx ${clientProgram} 'take and return'\n`)
    const env = withJobs(process.env, { kind: 'serial' })
    const end = await ending(spawn(make, ['-j3', '-f', file], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
    const version = spawnSync(make, ['--version'], { encoding: 'utf8' }).stdout
    // A fifo can be joined from everywhere.
    assert.match(end.output, version.includes('Make 4.4') ? /ready/ : /no jobserver/)
  })
}

test.run()
