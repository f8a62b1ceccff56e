// Depfiles in other people's Makefiles, and with other people's programs. SPACKMAKE_MAKES names further makes to try.
// The graph is `smallNeeds`.

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  depfileText,
  hashOf,
  idOf,
  makePrograms,
  makeWorld,
  smallNeeds,
  standIn,
  type World,
} from '../support/depfile.ts'
import { scratch } from '../support/scratch.ts'

const roots = ['app', 'side']
const installed = ['app', 'lib', 'mid', 'side', 'tool']

for (const program of makePrograms) {
  const test = suite(`depfile among others with ${program}`)
  const world = (prefix?: string): World => {
    const options = { dir: scratch(), roots, prefix }
    return makeWorld(depfileText(smallNeeds, options), options, program)
  }
  const prefixOf = (w: World, name: string) => join(w.store, hashOf(name))

  test('hooks run once for each package, know it, and run again when it was installed again', () => {
    const dir = scratch()
    const options = { dir, roots, prefix: 'example' }
    writeFileSync(join(dir, 'env.mk'), depfileText(smallNeeds, options))
    const w = makeWorld(
      `all: push
include env.mk
example/push/%: example/install/%
	@mkdir -p $(dir $@)
	@echo pushed /$(HASH) $(SPEC) from $(SPACK_PREFIX)
	@touch $@
push: $(addprefix example/push/,$(example/SPACK_PACKAGE_IDS))
	@touch $@
`,
      options,
      program,
    )
    const first = w.make(['-j4'])
    assert.is(first.code, 0, first.stderr)
    assert.match(first.stdout, `pushed /${hashOf('mid')} mid@1.0+shared from ${w.store}/${hashOf('mid')}`)
    assert.is(first.stdout.match(/pushed/g)?.length, 6)
    assert.not.match(w.make(['-j4']).stdout, /pushed/)
    // Stamps with equal times are not newer.
    for (const name of ['mid']) utimesSync(join(dir, 'example/push', idOf(name)), 1, 1)
    rmSync(prefixOf(w, 'lib'), { recursive: true })
    const again = w.make(['-j4']).stdout
    assert.equal(
      [...again.matchAll(/pushed \/(\w+)/g)].map((match) => match[1]).sort(),
      [hashOf('lib'), hashOf('mid')].sort(),
    )
  })

  test('two environments in one Makefile keep apart', () => {
    const dir = scratch()
    const one = { dir, roots: ['app'], prefix: 'one', environment: join(dir, 'env-one') }
    const two = { dir, roots: ['side'], prefix: 'two', environment: join(dir, 'env-two') }
    writeFileSync(join(dir, 'one.mk'), depfileText(smallNeeds, one))
    writeFileSync(join(dir, 'two.mk'), depfileText(smallNeeds, two))
    const args = join(dir, 'arguments')
    const w = makeWorld('both: one/env two/env\ninclude one.mk two.mk\n', { ...one, roots }, program)
    const done = w.make(['-j4'], { STAND_IN_ARGUMENTS: args })
    assert.is(done.code, 0, done.stderr)
    assert.not.match(done.stderr, /overriding|ignoring/)
    // `tool` is needed by both; whoever comes second may find it there already or not.
    assert.equal([...new Set(w.started())].sort(), [...installed, 'finish'].sort())
    w.make(['-j4'])
    assert.equal(w.started(), [])
  })

  const settings = [
    '.ONESHELL:',
    'SHELL := /bin/bash\n.SHELLFLAGS := -euo pipefail -c',
    '.DELETE_ON_ERROR:',
    '.SECONDEXPANSION:',
    '.POSIX:',
    '.SILENT:',
    '.NOTPARALLEL:',
    '.EXPORT_ALL_VARIABLES:',
    'MAKEFLAGS += -rR --no-print-directory --warn-undefined-variables',
    'HASH := mine\nSPEC := mine\nhash := mine\nfolder := mine\nletter := mine',
  ]
  for (const lines of settings) {
    test(`works in a Makefile that says ${JSON.stringify(lines)}`, () => {
      const dir = scratch()
      const options = { dir, roots, prefix: 'p' }
      writeFileSync(join(dir, 'env.mk'), depfileText(smallNeeds, options))
      const w = makeWorld(`${lines}\nall: p/env\ninclude env.mk\n`, options, program)
      const first = w.make(['-j3'])
      assert.is(first.code, 0, first.stderr)
      assert.is(first.stderr, '')
      assert.equal(w.started(), [...installed, 'finish'].sort())
      rmSync(prefixOf(w, 'tool'), { recursive: true })
      w.make(['-j3'])
      assert.equal(w.started(), ['finish', 'tool'])
      assert.is(w.make(['p/clean']).code, 0)
    })
  }

  test('flags, launcher and cache policy reach the installer', () => {
    const dir = scratch()
    const options = { dir, roots: ['app'], policies: { package: 'never', dependencies: 'only' } as const }
    const args = join(dir, 'arguments')
    const w = makeWorld(depfileText(smallNeeds, options), options, program)
    const done = w.make(['SPACK_INSTALL_FLAGS=--verbose --fail-fast', 'SPACK_LAUNCHER=env LAUNCHED=yes'], {
      STAND_IN_ARGUMENTS: args,
    })
    assert.is(done.code, 0, done.stderr)
    const lines = readLines(args)
    assert.ok(lines.some((line) => /--use-buildcache=never --verbose --fail-fast \/app/.test(line)))
    assert.ok(lines.some((line) => /--use-buildcache=only --verbose --fail-fast \/lib/.test(line)))
    assert.ok(lines.some((line) => line.includes(`-e ${w.environment} --progress=1/3`)))
    assert.not.ok(lines.some((line) => line.includes(hashOf('tool'))))
  })

  test('further certificates are moved aside for the installer', () => {
    const w = world()
    const log = join(w.dir, 'certificates')
    const launcher = join(w.dir, 'launcher')
    const line = `echo "[$NODE_EXTRA_CA_CERTS] [$SPACK_EXTRA_CA_CERTS]" >>${log}; exec "$@"`
    writeFileSync(launcher, `#!/bin/sh\n${line}\n`, { mode: 0o755 })
    w.make([`SPACK_LAUNCHER=${launcher}`], { NODE_EXTRA_CA_CERTS: '/etc/some file.pem' })
    assert.equal([...new Set(readLines(log))], ['[] [/etc/some file.pem]'])
  })

  test('SPACK may name our program in any way, and is then not another', () => {
    const dir = scratch()
    const spack = join(dir, 'spack.js')
    const bin = join(dir, 'bin')
    mkdirSync(bin)
    writeFileSync(spack, '')
    symlinkSync(spack, join(bin, 'spack'))
    const options = { dir, roots, spack }
    const w = makeWorld(depfileText(smallNeeds, options), options, program)
    const commandFor = (value: string): string => {
      const env = { SPACK: value, SPACK_INSTALL: '', PATH: `${bin}:${process.env.PATH}` }
      return w.make(['-n', `.install/${hashOf('tool')}`], env).stdout
    }
    for (const value of ['', 'spack', spack, join(bin, 'spack'), `${process.execPath} ${spack}`]) {
      assert.match(commandFor(value), /install\.js -e /, value)
    }
    for (const value of ['spack -d', 'nosuch', '/bin/true', 'sh']) {
      assert.match(commandFor(value), `${value} -e ${w.environment} install`, value)
    }
  })

  test('another SPACK is trusted with everything, also with what is there', () => {
    const w = world()
    const args = join(w.dir, 'arguments')
    const spack = join(w.dir, 'other-spack')
    writeFileSync(spack, `#!/bin/sh\nexec ${standIn} "$@"\n`, { mode: 0o755 })
    const other = { SPACK: spack, SPACK_INSTALL: '', STAND_IN_ARGUMENTS: args, STAND_IN_ONLY_LOG: '1' }
    assert.is(w.make(['-j4'], other).code, 0)
    assert.equal(w.started(), [...installed, 'ext-libc'].map((name) => name.replace('-', 'x')).sort())
    assert.match(readLines(args)[0]!, / install --only-concrete --only=package \//)
    assert.is(readLines(args).length, 6, 'it makes views itself')
    // It made no prefixes, so there is nothing that could have vanished.
    w.make(['-j4'], other)
    assert.equal(w.started(), [])
    w.make(['clean'], other)
    w.make(['-j4'], other)
    assert.is(w.started().length, 6)
  })

  test.run()
}

function readLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}
