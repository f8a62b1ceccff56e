import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run as runHash } from '../conformance/spec-hash.ts'
import { run as runParse } from '../conformance/spec-parse.ts'
import { Tally } from '../conformance/tally.ts'
import { kit, withKit } from '../support/shared.ts'

for (const [name, run] of [
  ['spec/parse', runParse],
  ['spec/hash', runHash],
] as const) {
  withKit(test, `${name}: every vector of the kit holds`, () => {
    const tally = new Tally()
    run(kit(), tally)
    assert.equal(tally.differences, [])
    assert.ok(tally.passed > 0)
  })
}

test.run()
