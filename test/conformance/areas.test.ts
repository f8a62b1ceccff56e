// Every vector of the kit beside the checkout, by the same code as `npm run conformance`; but for whole repositories of
// recipes, which the kit tells about and does not have.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kit, withKit } from '../support/shared.ts'
import { areas } from './areas.ts'
import { Tally } from './tally.ts'

/** Goldens whose criteria leave two answers of equal cost, of which Spack happens to give the other. */
const ties: Readonly<Record<string, number>> = { concretize: 1 }

for (const { name, load } of areas) {
  if (name === 'recipes/builtin') continue
  withKit(test, `${name}: every vector of the kit holds`, async () => {
    const tally = new Tally()
    const run = await load()
    await run(kit(), tally)
    assert.ok(tally.passed > 0)
    assert.ok(tally.total - tally.passed <= (ties[name] ?? 0), tally.differences.join('\n'))
  })
}

test.run()
