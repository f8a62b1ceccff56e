// Paths that make or a shell would read as something else: handled, or refused with a reason. Real makes decide.

import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { depfileText, hashOf, idOf, makePrograms, makeWorld, type Needs } from '../support/depfile.ts'
import { scratch } from '../support/scratch.ts'

const needs: Needs = { app: ['lib'], lib: ['ext-libc'], 'ext-libc': [] }
const installed = ['app', 'finish', 'lib']

const handled = [
  ' ',
  '  ',
  '#',
  '$',
  '$(x)',
  ':',
  '%',
  '~',
  '\\',
  '\\#',
  "'",
  '"',
  '(',
  ')',
  '{',
  '}',
  '&',
  '!',
  '`',
  '<',
  '>',
  '^',
]
const handledToo = ['@', '+', ',', 'é', '字', ']', '-', '--', '\u00a0', '$$', '\\\\', '%%', "'\\''", '^+,']
const refused = ['\n', '\t', '\u0001', '=', ';', '|', '*', '?', '[', '\\ ']

for (const program of makePrograms) {
  const test = suite(`hostile names with ${program}`)

  /** Everything below a folder of this name, and all that one does with a depfile. */
  const live = (name: string) => {
    const dir = join(scratch(), name)
    mkdirSync(dir)
    const options = { dir, roots: ['app'] }
    const w = makeWorld(depfileText(needs, options), options, program)
    const first = w.make(['-j2'])
    assert.is(first.code, 0, `${JSON.stringify(name)}: ${first.stderr}`)
    assert.equal(w.started(), installed, JSON.stringify(name))
    assert.is(w.make(['-j2', 'all', `install/${idOf('app')}`]).code, 0)
    assert.equal(w.started(), [], JSON.stringify(name))
    rmSync(join(w.store, hashOf('lib')), { recursive: true })
    assert.is(w.make(['-n']).code, 0)
    assert.is(w.make(['-j2']).code, 0)
    assert.equal(w.started(), ['finish', 'lib'], JSON.stringify(name))
    assert.is(w.make(['clean']).code, 0)
    assert.not.ok(existsSync(join(w.environment, '.spack-env/makedeps/.install', hashOf('app'))), JSON.stringify(name))
  }

  for (const name of [...handled, ...handledToo]) {
    test(`${JSON.stringify(name)} in the paths of environment and store`, () => {
      live(`${name}a${name}b${name}`)
    })
  }

  test('mixtures', () => {
    let state = 7
    const next = (below: number) => (state = (state * 48271) % 0x7fffffff) % below
    for (let i = 0; i < 8; i++) {
      live(
        `m${Array.from({ length: 6 }, () => [...handled, ...handledToo][next(handled.length + handledToo.length)]).join('')}`,
      )
    }
  })

  test('relative prefixes, also one that looks like a flag', () => {
    for (const prefix of ['-j9', '--help', 'a b', 'a$b', 'x:y', "it's", './here', 'there/', '.', 'é#']) {
      const options = { dir: scratch(), roots: ['app'], prefix }
      const w = makeWorld(depfileText(needs, options), options, program)
      const done = w.make(['-j2'])
      assert.is(done.code, 0, `${prefix}: ${done.stderr}`)
      assert.equal(w.started(), installed, prefix)
      assert.ok(existsSync(join(w.dir, prefix, 'env')), prefix)
      w.make(['-j2'])
      assert.equal(w.started(), [], prefix)
    }
  })

  test('odd texts of specs arrive in hooks as they are', () => {
    const dir = scratch()
    const options = {
      dir,
      roots: ['app'],
      prefix: 'p',
      spec: (name: string) => `${name} cflags="-DX=\\"a b\\" # $(Y) $$;|%\\"`,
    }
    const w = makeWorld(
      `${depfileText(needs, options)}\nhook/%: p/install/% ; $(info [$(SPEC)]) @:\n`,
      options,
      program,
    )
    assert.match(w.make([`hook/${idOf('app')}`]).stdout, `[${options.spec('app')}]`)
  })

  test.run()
}

const test = suite('hostile names')
for (const name of refused) {
  test(`${JSON.stringify(name)} is refused in the name of targets, with a way out`, () => {
    const options = { dir: '/tmp', roots: ['app'], environment: `/tmp/a${name}b` }
    assert.throws(
      () => depfileText(needs, options),
      (error: { code: string; message: string; hint: string }) =>
        error.code === 'depfile-name' && error.hint.includes('--make-prefix') && !/[\n\t\u0001]/.test(error.message),
    )
  })
}

test('what no Makefile can hold is refused under every prefix', () => {
  for (const options of [
    { dir: '/tmp', roots: ['app'], prefix: 'p', environment: '/tmp/a\nb' },
    { dir: '/tmp', roots: ['app'], prefix: 'p', store: '/tmp/a\nb' },
    { dir: '/tmp', roots: ['app'], prefix: 'p', store: '/tmp/a\\ b' },
    { dir: '/tmp', roots: ['app'], prefix: 'a%b' },
    { dir: '/tmp', roots: ['app'], prefix: '~root' },
  ]) {
    assert.throws(
      () => depfileText(needs, options),
      (error: { code: string }) => error.code === 'depfile-name',
    )
  }
})

for (const program of makePrograms) {
  test(`an environment whose name is refused works under another prefix with ${program}`, () => {
    const dir = join(scratch(), 'a=b;c*d?[e]|f')
    mkdirSync(dir)
    const options = { dir, roots: ['app'], prefix: 'p' }
    const w = makeWorld(depfileText(needs, options), options, program)
    assert.is(w.make(['-j2']).code, 0)
    assert.equal(w.started(), installed)
    w.make(['-j2'])
    assert.equal(w.started(), [])
    rmSync(join(w.store, hashOf('lib')), { recursive: true })
    w.make(['-j2'])
    assert.equal(w.started(), ['finish', 'lib'])
  })
}
test.run()
