// `include:` of settings from the web and from Git repositories, the latter from a folder of this machine.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { write } from '../detection/detection-world.ts'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const jobs = (count: number) => `config:\n  build_jobs: ${count}\n`
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

function world(include: string) {
  const home = scratch()
  write(join(home, 'user-config/include.yaml'), `include:\n${include}`)
  const run = (...words: string[]) => runCommand(home, words)
  const buildJobs = async () => /build_jobs: (\d+)/.exec((await run('config', 'get', 'config')).stdout)?.[1]
  return { home, run, buildJobs, cache: join(home, 'user-cache/includes') }
}

function upstream(): { path: string; git: (...words: string[]) => string } {
  const path = scratch()
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main']
  const git = (...words: string[]) =>
    execFileSync('git', [...identity, '-C', path, ...words], { encoding: 'utf8' }).trim()
  write(join(path, 'site/config.yaml'), jobs(3))
  write(join(path, 'more/packages.yaml'), 'packages:\n  zlib:\n    buildable: false\n')
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'one')
  git('tag', 'v1')
  return { path, git }
}

test('files and folders of a Git repository are scopes that are not written to', async () => {
  const { path, git } = upstream()
  const commit = git('rev-parse', 'HEAD')
  for (const reference of ['branch: main', 'tag: v1', `commit: ${commit}`]) {
    const { run, buildJobs } = world(`- git: file://${path}\n  ${reference}\n  paths: [site/config.yaml, more]\n`)
    assert.is(await buildJobs(), '3')
    assert.match((await run('config', 'get', 'packages')).stdout, /zlib:\n {4}buildable: false/)
    const { stdout } = await run('config', 'scopes')
    assert.match(stdout, /user:site\/config\.yaml\n.*user:more\n/s)
    await rejection(run('mirror', 'add', '--scope', 'user:more', 'here', '/here'), 'config-scope')
  }
})

test('a branch is followed, once an hour, and used as it is where it cannot be reached', async () => {
  const { path, git } = upstream()
  const { buildJobs, run, cache } = world(`- git: ${path}\n  branch: main\n  paths: [site]\n`)
  assert.is(await buildJobs(), '3')
  writeFileSync(join(path, 'site/config.yaml'), jobs(5))
  git('commit', '-qam', 'two')
  assert.is(await buildJobs(), '3')
  const clone = join(cache, readdirSync(cache)[0]!)
  const age = () => {
    for (const file of [clone, join(clone, '.git/FETCH_HEAD')]) {
      if (readdirSync(join(file, '..')).includes(file.split('/').at(-1)!)) utimesSync(file, 1, 1)
    }
  }
  age()
  assert.is(await buildJobs(), '5')
  rmSync(path, { recursive: true })
  age()
  assert.match((await run('config', 'get', 'config')).stderr, /may be old/)
  assert.is(await buildJobs(), '5')
})

test('what is wrong with a repository is said with the line', async () => {
  const { path } = upstream()
  const cases: [string, string][] = [
    [`- git: ${path}\n  paths: [site]\n`, 'include-git'],
    [`- git: ${path}\n  branch: main\n  paths: [../x]\n`, 'include-path'],
    [`- git: ${path}\n  branch: main\n  paths: [nowhere.yaml]\n`, 'include-missing'],
    [`- git: ${path}/none\n  branch: main\n  paths: [site]\n`, 'include-git'],
    [`- git: ${path}\n  branch: none\n  paths: [site]\n`, 'include-git'],
  ]
  for (const [include, code] of cases) {
    const { home, run } = world(include)
    assert.is((await rejection(run('config', 'get', 'config'), code)).where, `${home}/user-config/include.yaml:2`)
  }
  const { buildJobs } = world(`- git: ${path}\n  branch: main\n  optional: true\n  paths: [nowhere.yaml, site]\n`)
  assert.is(await buildJobs(), '3')
})

test('a file of the web needs its digest, and is downloaded once', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    response.statusCode = request.url === '/raw/config.yaml' ? 200 : 404
    response.end(jobs(7))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const url = `${base}/raw/config.yaml`
    const { buildJobs, run } = world(`- path: ${url}\n  sha256: ${digest(jobs(7))}\n`)
    assert.is(await buildJobs(), '7')
    assert.is(await buildJobs(), '7')
    assert.is(asked, 1)
    assert.match((await run('config', 'scopes')).stdout, `user:${url}`)
    const without = await rejection(world(`- ${url}\n`).run('config', 'get', 'config'), 'include-digest')
    assert.match(without.hint!, `sha256: ${digest(jobs(7))}`)
    const wrong = world(`- path: ${url}\n  sha256: ${digest('x')}\n`)
    assert.match((await rejection(wrong.run('config', 'get', 'config'), 'include-digest')).detail!, digest(jobs(7)))
    const absent = world(`- path: ${base}/none.yaml\n  sha256: ${digest('x')}\n`)
    await rejection(absent.run('config', 'get', 'config'), 'include-missing')
  } finally {
    server.close()
  }
})

test.run()
