// Many files are looked at by a quicker way than few: both must see the same changes.

import { appendFileSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { haveStamps, stampOf } from '../../src/recipes/file-stamps.ts'
import { scratch } from '../support/scratch.ts'

function filesIn(folder: string, count: number) {
  mkdirSync(join(folder, 'größer'))
  const paths = Array.from({ length: count }, (_, at) => (at % 2 ? `größer/${at}.py` : `${at}.py`))
  for (const [at, path] of paths.entries()) writeFileSync(join(folder, path), 'x'.repeat(at % 7))
  const elsewhere = join(scratch(), 'elsewhere.patch')
  writeFileSync(elsewhere, 'abc')
  // Before 1970, beyond 32 bits of seconds, and with as many digits as the file system keeps.
  utimesSync(join(folder, paths[0]!), -5.25, -5.25)
  utimesSync(join(folder, paths[2]!), 5e9, 5e9)
  utimesSync(join(folder, paths[4]!), 1234567890.1234567, 1234567890.1234567)
  return [...paths, elsewhere, 'absent.py']
}

for (const count of [20, 1200]) {
  const world = () => {
    const folder = scratch()
    const paths = filesIn(folder, count)
    const stamps = paths.map((path) => stampOf(path.startsWith('/') ? path : join(folder, path)))
    const same = () =>
      haveStamps(
        folder,
        paths,
        stamps.map(([changedMs]) => changedMs),
        stamps.map(([, sizeBytes]) => sizeBytes),
      )
    return { folder, paths, same }
  }

  test(`${count} files have the stamps that they had`, () => {
    assert.ok(world().same())
  })

  const changes: Record<string, (folder: string, path: string) => void> = {
    'grew at the same time': (folder, path) => {
      const { atime, mtime } = statSync(join(folder, path))
      appendFileSync(join(folder, path), 'more')
      utimesSync(join(folder, path), atime, mtime)
    },
    'was touched': (folder, path) => utimesSync(join(folder, path), new Date(), new Date()),
    'is older than it was': (folder, path) => utimesSync(join(folder, path), 1, 1),
    'is gone': (folder, path) => rmSync(join(folder, path)),
    'has come': (folder) => writeFileSync(join(folder, 'absent.py'), ''),
  }
  for (const [what, change] of Object.entries(changes)) {
    test(`of ${count} files one ${what}`, () => {
      const { folder, paths, same } = world()
      change(folder, paths[count - 1]!)
      assert.not.ok(same())
    })
  }

  test(`of ${count} files one outside of the folder changed`, () => {
    const { paths, same } = world()
    appendFileSync(paths[count]!, 'more')
    assert.not.ok(same())
  })
}

test.run()
