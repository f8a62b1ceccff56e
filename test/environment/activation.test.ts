import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Change,
  type Outcome,
  planVariables,
  reversalsOf,
  type Variables,
} from '../../src/environment/activation.ts'

const test = suite('activation')

/** What a shell has after it did what it was told; `kept` are its own variables. */
function run(before: Variables, outcomes: readonly Outcome[], kept: Record<string, string> = {}): Variables {
  const after: Record<string, string | undefined> = { ...before }
  for (const outcome of outcomes) {
    const { name } = outcome
    if ('keep' in outcome && outcome.keep !== undefined) kept[name] = outcome.keep
    if (outcome.kind === 'set') after[name] = outcome.value
    if (outcome.kind === 'unset') delete after[name]
    if (outcome.kind === 'restore') {
      if (name in kept) after[name] = kept[name]
      else delete after[name]
      delete kept[name]
    }
    if (outcome.kind === 'restore-if') {
      after[name] = kept[name] === outcome.kept ? outcome.kept : outcome.otherwise
      delete kept[name]
    }
  }
  return after
}

const prepend = (name: string, value: string): Change => ({ kind: 'prepend', name, value })
const set = (name: string, value: string): Change => ({ kind: 'set', name, value })

test('lists get their new entries in front, each once', () => {
  const after = run(
    { PATH: '/v/bin:/usr/bin:/bin' },
    planVariables(
      { PATH: '/v/bin:/usr/bin:/bin' },
      [],
      [
        prepend('PATH', '/v/bin'),
        prepend('PATH', '/first'),
        { kind: 'append', name: 'PATH', value: '/last' },
        { kind: 'remove', name: 'PATH', value: '/bin' },
      ],
    ),
  )
  assert.equal(after, { PATH: '/first:/v/bin:/usr/bin:/last' })
})

test('MANPATH stays open at its end, so that man finds its own pages', () => {
  for (const MANPATH of [undefined, '/usr/man', '/usr/man:', ':']) {
    const before = MANPATH === undefined ? {} : { MANPATH }
    const kept = {}
    const changes = [prepend('MANPATH', '/v/man')]
    const active = run(before, planVariables(before, [], changes), kept)
    assert.ok(active.MANPATH!.startsWith('/v/man:'))
    assert.ok(active.MANPATH!.endsWith(':'))
    const left = run(active, planVariables(active, reversalsOf(changes), []), kept)
    assert.equal(left, MANPATH === ':' ? {} : before)
  }
})

test('plain variables come back with their old values, also those that were not set', () => {
  const before = { A: 'old', C: 'gone meanwhile' }
  const changes: Change[] = [
    set('A', 'new'),
    set('B', 'new'),
    { kind: 'unset', name: 'C' },
    { kind: 'unset', name: 'D' },
  ]
  const kept = {}
  const active = run(before, planVariables(before, [], changes), kept)
  assert.equal(active, { A: 'new', B: 'new' })
  assert.equal(run(active, planVariables(active, reversalsOf(changes), []), kept), before)
})

test('from one environment to the next, old values are those from before the first', () => {
  const before = { A: 'old', PATH: '/bin' }
  const one = [set('A', 'one'), set('B', 'one'), prepend('PATH', '/one')]
  const two = [set('A', 'two'), prepend('PATH', '/two')]
  const kept = {}
  const first = run(before, planVariables(before, [], one), kept)
  const second = run(first, planVariables(first, reversalsOf(one), two), kept)
  assert.equal(second, { A: 'two', PATH: '/two:/bin' })
  assert.equal(run(second, planVariables(second, reversalsOf(two), []), kept), before)
})

test('whatever was added meanwhile stays', () => {
  const changes = [prepend('PATH', '/v/bin')]
  const active = { PATH: '/mine:/v/bin:/bin:/mine/too' }
  assert.equal(run(active, planVariables(active, reversalsOf(changes), [])), { PATH: '/mine:/bin:/mine/too' })
})

test('all that is below a root goes, and a list with nothing left is unset', () => {
  const active = { PATH: '/v/bin:/bin:/v:/vv', X: '/v/share' }
  const below = ['PATH', 'X'].map((name) => ({ kind: 'remove-below', name, root: '/v' }) as const)
  assert.equal(run(active, planVariables(active, below, [])), { PATH: '/bin:/vv' })
})

test('nothing is said about variables that stay as they are', () => {
  assert.equal(planVariables({ PATH: '/v:/bin' }, [], [prepend('PATH', '/v')]), [])
})

test('activating and deactivating is no change, for any changes', () => {
  let seed = 7
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % limit
  }
  for (let round = 0; round < 500; round++) {
    const before: Record<string, string> = {}
    for (const name of ['A', 'B', 'MANPATH']) if (random(3)) before[name] = ['/x', '/x:/y', '/y:/z:'][random(3)]!
    const changes = Array.from({ length: random(6) }, (_, i): Change => {
      const name = ['A', 'B', 'MANPATH'][random(3)]!
      // A variable is a list or it is not; entries are new.
      if (name === 'A') return random(2) ? set(name, `${random(9)}`) : { kind: 'unset', name }
      return { kind: random(2) ? 'prepend' : 'append', name, value: `/new${i}` }
    })
    const kept = {}
    const active = run(before, planVariables(before, [], changes), kept)
    const left = run(active, planVariables(active, reversalsOf(changes), []), kept)
    assert.equal(left, before, JSON.stringify({ before, changes, active }))
  }
})

test.run()
