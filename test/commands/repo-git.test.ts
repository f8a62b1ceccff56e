// `spack repo`: clones of git repositories, made on first use and kept up to date, and entries of the configuration.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always']
const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', [...identity, ...words], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

const recipe = (version: string) =>
  `from spack.package import *\n\n\nclass Tool(Package):\n    """A tool."""\n\n    version("${version}")\n`

interface World {
  home: string
  origin: string
  address: string
  /** Commits the recipe with another version. */
  release: (version: string) => string
  versions: () => Promise<string>
}

/** A git repository with one repository of recipes in it, which its index names. */
function world(): World {
  const home = scratch()
  const origin = join(home, 'origin')
  write(join(origin, 'spack-repo-index.yaml'), 'repo_index:\n  paths:\n  - repos/spack_repo/far\n')
  write(join(origin, 'repos/spack_repo/far/repo.yaml'), 'repo:\n  namespace: far\n  api: v2.2\n')
  git(home, 'init', '--quiet', '--initial-branch=develop', origin)
  const release = (version: string) => {
    write(join(origin, 'repos/spack_repo/far/packages/tool/package.py'), recipe(version))
    git(origin, 'add', '-A')
    git(origin, 'commit', '--quiet', '-m', version)
    return git(origin, 'rev-parse', 'HEAD')
  }
  const versions = async () => (await runCommand(home, ['versions', '-s', 'tool'])).stdout.trim()
  return { home, origin, address: `file://${origin}`, release, versions }
}

const configure = ({ home }: World, entry: object) =>
  write(join(home, 'user-config/repos.yaml'), JSON.stringify({ 'repos:': { far: entry } }))

test('a repository is cloned on first use, and updated when it is asked for', async () => {
  const w = world()
  w.release('1.0')
  configure(w, { git: w.address })
  assert.match((await runCommand(w.home, ['repo', 'list'])).stdout, new RegExp(`^ -  far +${w.address}\n$`))
  assert.is(await w.versions(), '1.0')
  assert.match((await runCommand(w.home, ['repo', 'list'])).stdout, /^\[\+\] far +v2\.2 .*package_repos/)
  w.release('2.0')
  assert.is(await w.versions(), '1.0')
  assert.is((await runCommand(w.home, ['repo', 'update'])).stdout, '==> far: Updated successfully.\n')
  assert.is(await w.versions(), '2.0')
  assert.is((await runCommand(w.home, ['repo', 'update', 'far'])).stdout, '==> far: Already up to date.\n')
})

test('a commit, a tag and a branch are obeyed, and changed by an update', async () => {
  const w = world()
  const first = w.release('1.0')
  git(w.origin, 'tag', 'v1')
  w.release('2.0')
  git(w.origin, 'branch', 'side')
  w.release('3.0')
  configure(w, { git: w.address, commit: first, destination: join(w.home, 'clone') })
  assert.is(await w.versions(), '1.0')
  await runCommand(w.home, ['repo', 'update', 'far', '--branch', 'side'])
  assert.is(await w.versions(), '2.0')
  await runCommand(w.home, ['repo', 'update', 'far', '-b', 'develop'])
  assert.is(await w.versions(), '3.0')
  await runCommand(w.home, ['repo', 'update', 'far', '-t', 'v1'])
  assert.is(await w.versions(), '1.0')
  const settings = readFileSync(join(w.home, 'user-config/repos.yaml'), 'utf8')
  assert.match(settings, /tag/)
  assert.not.match(settings, /commit/)
})

test('what cannot be cloned or updated is said with its address', async () => {
  const w = world()
  configure(w, { git: `file://${w.home}/nowhere` })
  const failed = await rejection(w.versions(), 'repository-clone')
  assert.match(failed.message, `cannot be cloned from file://${w.home}/nowhere`)
  w.release('1.0')
  configure(w, { git: w.address, branch: 'no-such' })
  assert.match((await rejection(w.versions(), 'repository-clone')).detail ?? '', /no-such/)
  configure(w, { git: w.address, destination: join(w.home, 'clone') })
  assert.is(await w.versions(), '1.0')
  rmSync(w.origin, { recursive: true })
  assert.match(
    (await rejection(runCommand(w.home, ['repo', 'update']), 'repository-update')).message,
    'cannot be updated',
  )
  assert.is(await w.versions(), '1.0', 'what was there before still is')
})

test('an index of repositories leads nowhere else', async () => {
  const w = world()
  write(join(w.origin, 'spack-repo-index.yaml'), 'repo_index:\n  paths: [../../elsewhere]\n')
  w.release('1.0')
  configure(w, { git: w.address })
  assert.match((await rejection(w.versions(), 'repository')).message, /leads out of/)
  write(join(w.origin, 'spack-repo-index.yaml'), 'repo_index: [\n')
  w.release('1.1')
  assert.match((await rejection(runCommand(w.home, ['repo', 'update']), 'repository')).message, /no YAML/)
})

test('repositories are added in front, set, and removed by name or path', async () => {
  const w = world()
  w.release('1.0')
  write(join(w.home, 'user-config/repos.yaml'), 'repos::\n  # the one of all\n  other: /no/where\n')
  const added = await runCommand(w.home, ['repo', 'add', w.address, join(w.home, 'clone')])
  assert.is(added.stdout, "==> Added repo to config with name 'far'.\n")
  const created = await runCommand(w.home, ['repo', 'create', 'mine', 'mine'])
  const root = join(w.home, 'mine/spack_repo/mine')
  assert.match(created.stdout, `  spack repo add ${root}\n`)
  await runCommand(w.home, ['repo', 'add', root, '--name', 'own'])
  assert.is((await runCommand(w.home, ['repo', 'list', '--names'])).stdout, 'own\nfar\nother\n')
  assert.match(readFileSync(join(w.home, 'user-config/repos.yaml'), 'utf8'), '# the one of all')
  assert.match(
    (await rejection(runCommand(w.home, ['repo', 'add', root, '--name', 'own']), 'repository')).message,
    /already/,
  )
  const elsewhere = join(w.home, 'elsewhere')
  await runCommand(w.home, ['repo', 'set', 'far', '--destination', elsewhere])
  assert.is(await w.versions(), '1.0')
  assert.ok(existsSync(join(elsewhere, 'repos/spack_repo/far/repo.yaml')))
  await runCommand(w.home, ['repo', 'set', 'far', '--path', 'repos/spack_repo/far'])
  assert.match(readFileSync(join(w.home, 'user-config/repos.yaml'), 'utf8'), /paths/)
  await runCommand(w.home, ['repo', 'remove', root])
  await runCommand(w.home, ['repo', 'remove', 'far'])
  assert.is((await runCommand(w.home, ['repo', 'list', '--names'])).stdout, 'other\n')
  assert.match((await rejection(runCommand(w.home, ['repo', 'remove', 'othre']), 'repository')).hint ?? '', /other/)
  assert.ok(existsSync(join(w.home, 'clone')), 'what was cloned stays')
})

test('two repositories of one namespace are refused with both places', async () => {
  const w = world()
  w.release('1.0')
  const root = join(w.origin, 'repos/spack_repo/far')
  git(w.home, 'clone', '--quiet', w.origin, join(w.home, 'copy'))
  const copy = join(w.home, 'copy/repos/spack_repo/far')
  write(join(w.home, 'user-config/repos.yaml'), JSON.stringify({ 'repos:': { a: root, b: copy } }))
  const error = await rejection(w.versions(), 'repository')
  assert.match(error.message, 'two repositories have the namespace `far`')
  assert.match(error.detail ?? '', copy)
})

for (const [what, text, message] of [
  ['torn', 'repo: [', /no description of a repository/],
  ['empty', '', /needs a map `repo:`/],
  ['nameless', 'repo:\n  api: v2.0\n', /namespace/],
  ['old', 'repo:\n  namespace: far\n', /Package API v1\.0/],
  ['new', 'repo:\n  namespace: far\n  api: v3.0\n', /Package API v3\.0/],
  ['astray', 'repo:\n  namespace: far\n  api: v2.0\n  subdirectory: ../..\n', /no name of a Python package/],
] as const) {
  test(`a repo.yaml that is ${what} is refused with its place`, async () => {
    const w = world()
    const root = join(w.origin, 'repos/spack_repo/far')
    write(join(root, 'repo.yaml'), text)
    write(join(w.home, 'user-config/repos.yaml'), JSON.stringify({ 'repos:': { far: root } }))
    const error = await rejection(w.versions(), 'repository')
    assert.match(error.message, message)
    assert.match(error.where ?? '', 'repo.yaml')
  })
}

test.run()
