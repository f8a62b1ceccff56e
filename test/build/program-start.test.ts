// The program as a shell starts it, by its own name: it is a script of the shell that starts Node.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { concretizerWorld, hasPython } from '../support/concretizer-world.ts'
import { isolated, runProgram, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const certificates = '/nowhere/some certificates.pem'

function world() {
  const home = scratch()
  mkdirSync(home, { recursive: true })
  return { home, env: { ...isolated(home), PATH: process.env.PATH } }
}

test('it hands on its words as they are', () => {
  const { home, env } = world()
  const { code, stderr } = runProgram(spackProgram, ['--color', 'never', `a "b"  $HOME\n*'`], { cwd: home, env })
  assert.is(code, 2)
  assert.ok(stderr.includes(`\`a "b"  $HOME\n*'\` is not a spack command`), stderr)
})

test('it starts by links from elsewhere, and by its name alone', () => {
  const { home, env } = world()
  for (const name of ['my spack', 'spack']) symlinkSync(spackProgram, join(home, name))
  const own = { ...env, PATH: `${home}:${env.PATH}` }
  for (const program of [join(home, 'my spack'), 'spack']) {
    assert.match(runProgram(program, ['--version'], { cwd: '/', env: own }).stdout, /spackmake/)
  }
})

test('Node need not read certificates for it, and what it starts is told of them', () => {
  const { home, env } = world()
  const editor = join(home, 'editor.sh')
  writeFileSync(editor, `printf '%s' "$NODE_EXTRA_CA_CERTS" > '${join(home, 'told')}'\n`)
  const words = ['config', '--scope', 'user', 'edit', 'packages']
  const own = { ...env, EDITOR: `sh ${editor}`, NODE_EXTRA_CA_CERTS: certificates }
  const { code, stderr } = runProgram(spackProgram, words, { cwd: home, env: own })
  // Node complains of certificates that it cannot read.
  assert.equal({ code, stderr }, { code: 0, stderr: '' })
  assert.is(readFileSync(join(home, 'told'), 'utf8'), certificates)
})

test('what takes Node long to load is not loaded to concretize', () => {
  if (!hasPython) return
  const { home, environ } = concretizerWorld()
  const note = join(home, 'note.cjs')
  const loaded = join(home, 'loaded')
  const tell = `require('node:fs').writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join('\\n'))`
  writeFileSync(note, `process.on('exit', () => ${tell})\n`)
  const env = { ...isolated(home), ...environ, NODE_OPTIONS: `--require ${note}` }
  const slow = ['child_process', 'crypto', 'stream', 'v8', 'worker_threads']
  const loadedOf = (script: string): string[] => {
    const words = ['-c', script, process.execPath, spackProgram, 'spec', 'program']
    const { code, stderr } = runProgram('/bin/sh', words, { cwd: home, env })
    assert.is(code, 0, stderr)
    const modules = readFileSync(loaded, 'utf8').split('\n')
    assert.ok(modules.includes('NativeModule fs'))
    return slow.filter((name) => modules.includes(`NativeModule ${name}`))
  }
  // The first time recipes are read, and compilers asked.
  loadedOf('exec "$0" "$@"')
  assert.equal(loadedOf('exec "$0" "$@"'), [])
  assert.equal(loadedOf('exec "$0" "$@" > /dev/null 2>&1'), [])
})

test.run()
