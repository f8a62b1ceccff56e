// What a shell has after `spack load` and `unload`. app@2.0 links lib@1.0, and tool@1.0 runs it.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejection } from '../support/rejection.ts'
import { hashOf, nodes, smallStore } from '../support/stores.ts'

const test = suite('load')

/** Of libc, an external of this machine. */
const systemManuals = existsSync('/usr/share/man') ? ':/usr/share/man' : ''

async function world() {
  const made = await smallStore()
  const at = (node: (typeof nodes)['app'], folder: string) => join(made.prefixOf(node), folder)
  for (const node of [nodes.app, nodes.lib, nodes.tool]) mkdirSync(at(node, 'bin'), { recursive: true })
  mkdirSync(at(nodes.lib, 'share/man'), { recursive: true })
  let environ: Record<string, string> = { PATH: '/usr/bin:/bin', MANPATH: '/usr/man' }
  /** Has a shell do what is printed. */
  const run = async (words: string) => {
    const outcome = await made.spack(`${words} --sh`, { environ })
    const script = `${outcome.stdout}\n/usr/bin/env`
    const { stdout } = spawnSync('/bin/sh', ['-c', script], { env: environ, encoding: 'utf8' })
    const pairs = stdout.split('\n').map((line) => line.split(/=(.*)/s) as [string, string])
    environ = Object.fromEntries(pairs.filter(([name]) => /PATH$|^SPACK/.test(name)))
    return { ...outcome, environ }
  }
  return { ...made, at, run }
}

test('what is loaded comes first, with what it needs to link and run, and goes again', async () => {
  const { run, at } = await world()
  const loaded = (await run('load app')).environ
  assert.is(loaded.PATH, `${at(nodes.app, 'bin')}:${at(nodes.lib, 'bin')}:/usr/bin:/bin`)
  assert.is(loaded.MANPATH, `${at(nodes.lib, 'share/man')}${systemManuals}:/usr/man:`)
  assert.is(loaded.CMAKE_PREFIX_PATH, `${at(nodes.app, '.')}:${at(nodes.lib, '.')}`.replaceAll('/.', ''))
  assert.is(loaded.SPACK_LOADED_HASHES, hashOf(nodes.app))
  assert.equal((await run('unload app')).environ, { PATH: '/usr/bin:/bin', MANPATH: '/usr/man:' })
})

test('what another loaded package needs stays', async () => {
  const { run, at } = await world()
  await run('load app')
  const both = (await run('load tool')).environ
  assert.is(both.SPACK_LOADED_HASHES, `${hashOf(nodes.tool)}:${hashOf(nodes.app)}`)
  const one = (await run('unload tool')).environ
  assert.is(one.PATH, `${at(nodes.lib, 'bin')}:${at(nodes.app, 'bin')}:/usr/bin:/bin`)
  assert.is(one.SPACK_LOADED_HASHES, hashOf(nodes.app))
  assert.equal((await run('unload')).environ, { PATH: '/usr/bin:/bin', MANPATH: '/usr/man:' })
})

test('what is not installed, not loaded or meant for nobody is an error', async () => {
  const { run, spack } = await world()
  const messages = await Promise.all(
    ['load --sh nosuch', 'load --sh', 'unload --sh lib', 'unload --sh -a lib', 'load app'].map(
      async (words) => (await rejection(spack(words))).message,
    ),
  )
  assert.equal(messages, [
    'spec `nosuch` matches no installed packages',
    '`spack load` needs a spec',
    '`lib` is not loaded',
    '`--all` is for all that is loaded: leave the specs out',
    '`spack load` changes variables, which only your shell can do',
  ])
  const nothing = await run('unload')
  assert.equal([nothing.code, nothing.stdout, nothing.stderr], [0, '', '==> No package is loaded\n'])
})

test('what is loaded can be listed, also when it is gone', async () => {
  const { spack, run } = await world()
  const environ = { SPACK_LOADED_HASHES: `${hashOf(nodes.lib)}:gone` }
  assert.match((await spack('load --list', { environ })).stdout, /\nlib@1\.0\n$/)
  await run('load lib')
  const { stderr, stdout } = await spack('unload --sh', { environ })
  assert.match(stderr, '/gone is loaded, but no longer installed')
  assert.match(stdout, 'unset SPACK_LOADED_HASHES')
})

test.run()
