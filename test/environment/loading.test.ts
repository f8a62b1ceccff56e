import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../src/environment/activation.ts'
import { planLoading, planUnloading } from '../../src/environment/loading.ts'

const test = suite('loading')

const set: Change = { kind: 'set', name: 'ROOT', value: '/p' }

test('what an active environment has kept is not touched', () => {
  const changes: Change[] = [set, { kind: 'prepend', name: 'MANPATH', value: '/p/man' }]
  assert.equal(planLoading({ ROOT: '/old', MANPATH: '/usr/man' }, ['h'], changes), [
    { kind: 'set', name: 'MANPATH', value: '/p/man:/usr/man:' },
    { kind: 'set', name: 'ROOT', value: '/p' },
    { kind: 'set', name: 'SPACK_LOADED_HASHES', value: 'h' },
  ])
})

test('a variable goes if it still has the value, and nothing else that is loaded sets it', () => {
  assert.equal(planUnloading({ ROOT: '/p' }, [], [set], []), [{ kind: 'unset', name: 'ROOT' }])
  assert.equal(planUnloading({ ROOT: '/mine' }, [], [set], []), [])
  assert.equal(planUnloading({ ROOT: '/p' }, [], [set], [set]), [])
})

test.run()
