// The code that `npm run build` caches beside the program's files.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hasPython } from '../support/concretizer-world.ts'
import { spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const chunks = join(dirname(spackProgram), 'chunks')
const cached = readdirSync(chunks)
  .filter((name) => name.endsWith('.js.cache'))
  .map((name) => join(chunks, name.slice(0, -'.cache'.length)))
const wrapped = (file: string) => Module.wrap(readFileSync(file, 'utf8'))

test('V8 takes over the cached code of every file', () => {
  assert.ok(cached.length > 100)
  const refused = cached.filter(
    (file) => new Script(wrapped(file), { cachedData: readFileSync(`${file}.cache`) }).cachedDataRejected,
  )
  assert.equal(refused, [])
})

test('of files that were practised, what did not run is not cached', async () => {
  if (!hasPython) return
  const { writeCodeCaches } = (await import('../../scripts/code-cache.mjs' as string)) as {
    writeCodeCaches: (files: readonly string[]) => void
  }
  const whole = scratch()
  mkdirSync(whole, { recursive: true })
  for (const name of ['concretizer', 'specs', 'configuration']) {
    const file = cached.find((each) => each.startsWith(join(chunks, `${name}-`)))!
    const copy = join(whole, `${name}.js`)
    writeFileSync(copy, readFileSync(file))
    writeCodeCaches([copy])
    assert.ok(existsSync(`${copy}.cache`))
    assert.ok(statSync(`${file}.cache`).size < 0.8 * statSync(`${copy}.cache`).size, name)
  }
})

test.run()
