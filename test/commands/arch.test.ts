import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { detectHost } from '../../src/config/host.ts'
import { requireTarget } from '../../src/spec/target.ts'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const { platform, os, target } = detectHost()
const { family, generic } = requireTarget(target)
const arch = async (...flags: string[]) => (await runCommand(scratch(), ['arch', ...flags])).stdout

test('this machine, or a part of what it is', async () => {
  assert.is(await arch(), `${platform}-${os}-${target}\n`)
  assert.is(await arch('--family'), `${platform}-${os}-${family}\n`)
  assert.is(await arch('--generic', '--target'), `${generic}\n`)
  assert.is(await arch('--generic-target'), `${generic}\n`)
  assert.is(await arch('-p'), `${platform}\n`)
  assert.is(await arch('-o'), `${os}\n`)
  for (const flags of [
    ['--family', '--generic'],
    ['-p', '-o'],
  ])
    await rejection(arch(...flags), 'usage')
})

test('all targets that are known, by vendor and family', async () => {
  const groups = (await arch('--known-targets')).trim().split('\n\n')
  assert.match(groups[0]!, /^Generic architectures \(families\)\n {4}aarch64\n/)
  assert.ok(groups.some((group) => /^GenuineIntel - x86_64\n {4}nocona\n {4}core2\n/.test(group)))
})

test.run()
