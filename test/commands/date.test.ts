import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDate } from '../../src/commands/date.ts'

const test = suite('date')

test('dates of the calendar are local, and as exact as they are written', () => {
  const local = (...parts: [number, number, number?, number?, number?, number?]) => new Date(...parts).getTime() / 1000
  assert.is(parseDate('2026'), local(2026, 0))
  assert.is(parseDate('2026-11'), local(2026, 10))
  assert.is(parseDate('2026-11-21'), local(2026, 10, 21))
  assert.is(parseDate('2026-11-21 08:30'), local(2026, 10, 21, 8, 30))
  assert.is(parseDate('2026-11-21 08:30:15'), local(2026, 10, 21, 8, 30, 15))
})

test('periods are counted back from now', () => {
  assert.is(parseDate('yesterday', 100_000), 13_600)
  assert.is(parseDate('an hour ago', 10_000), 6400)
  assert.is(parseDate('3 days ago', 300_000), 40_800)
  assert.is(parseDate('2months ago', 10_000_000), 10_000_000 - 60 * 86_400)
})

test('what is no date is refused', () => {
  for (const text of ['', 'soon', '2026-02-30', '2026-13-01', '21.11.2026', '5 fortnights ago']) {
    assert.throws(() => parseDate(text), /is no date/, text)
  }
})

test.run()
