// Many files are looked at by the system's own tools while something else is done: no change may be missed by it, whatever
// the tools say, or where there are none.

import { appendFileSync, chmodSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { willBeCurrent } from '../../src/recipes/background-stamps.ts'
import { stampOf } from '../../src/recipes/file-stamps.ts'
import { readStamps, writeStamps } from '../../src/recipes/index-stamps.ts'
import { tableFormat, writeTable } from '../../src/recipes/index-table.ts'
import { scratch } from '../support/scratch.ts'

/** An index of files of which nothing else is known, as it is when it was just made. */
function indexed(count = 1200) {
  const [folder, root] = [join(scratch(), 'index'), scratch()]
  const packages = join(root, 'packages')
  mkdirSync(join(packages, 'größer und leer'), { recursive: true })
  const names = Array.from({ length: count }, (_, at) => (at % 2 ? `größer und leer/-${at}'.py` : `${at}.py`))
  const paths = names.map((name) => `packages/${name}`)
  for (const [at, path] of paths.entries()) writeFileSync(join(root, path), 'x'.repeat(at % 7))
  utimesSync(join(root, paths[4]!), 1234567890.1234567, 1234567890.1234567)
  const elsewhere = join(scratch(), 'elsewhere.py')
  writeFileSync(elsewhere, 'abc')
  const absent = 'packages/absent.py'
  const files = [...paths, elsewhere, absent].map((path) => {
    const [changedMs, sizeBytes] = stampOf(path === elsewhere ? path : join(root, path))
    return { path, changedMs, sizeBytes, sha256: null }
  })
  const packagesChangedMs = stampOf(packages)[0]
  const table = { format: tableFormat, packagesChangedMs, emptyFolders: ['empty'], segments: [], files, packages: [] }
  writeTable(folder, table, [])
  writeStamps(folder, root, table)
  const ask = () => willBeCurrent(folder, { root, packages })
  return { folder, root, packages, elsewhere, last: join(root, paths[count - 1]!), ask }
}

test('many files are listed by the system, few are looked at', () => {
  assert.match(readStamps(indexed().folder)!.listing!, /^[0-9a-f]{64}$/)
  assert.is(readStamps(indexed(20).folder)!.listing, undefined)
})

test('what is listed as it was is not looked at', () => {
  const { ask, folder } = indexed()
  rmSync(join(folder, 'files.json'))
  assert.ok(ask()())
})

for (const count of [20, 1200]) {
  test(`an index of ${count} files is current until one of them changes`, () => {
    const { ask, last } = indexed(count)
    const asked = ask()
    assert.ok(asked() && asked())
    appendFileSync(last, 'more')
    assert.not.ok(ask()())
    assert.ok(asked(), 'what was answered stays')
  })
}

type Change = (world: ReturnType<typeof indexed>) => void
const changes: Record<string, Change> = {
  'a file grew at the same time': ({ last }) => {
    const { atime, mtime } = statSync(last)
    appendFileSync(last, 'more')
    utimesSync(last, atime, mtime)
  },
  'a file was touched': ({ last }) => utimesSync(last, new Date(), new Date()),
  'a file is a microsecond older': ({ last }) => {
    const { atimeMs, mtimeMs } = statSync(last)
    utimesSync(last, atimeMs / 1000, mtimeMs / 1000 - 1e-6)
  },
  'a file is gone': ({ last }) => rmSync(last),
  'a file outside of the repository changed': ({ elsewhere }) => appendFileSync(elsewhere, 'more'),
  'a file has come that was looked for': ({ root }) => {
    const { atime, mtime } = statSync(join(root, 'packages'))
    writeFileSync(join(root, 'packages/absent.py'), '')
    utimesSync(join(root, 'packages'), atime, mtime)
  },
  'a folder has come': ({ packages }) => mkdirSync(join(packages, 'new')),
  'a recipe has come into an empty folder': ({ packages }) => {
    const { atime, mtime } = statSync(packages)
    mkdirSync(join(packages, 'empty'))
    writeFileSync(join(packages, 'empty/package.py'), '')
    utimesSync(packages, atime, mtime)
  },
}
for (const [what, change] of Object.entries(changes)) {
  test(`an index is not current when ${what}`, () => {
    const world = indexed()
    change(world)
    assert.not.ok(world.ask()())
  })
}

/** As where the system has other tools, or none. */
function withTools(tools: Record<string, string>, work: () => void): void {
  const [bin, path] = [scratch(), process.env.PATH]
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  process.env.PATH = bin
  try {
    work()
  } finally {
    process.env.PATH = path
  }
}

test('where there are no such tools any more, each file is looked at', () => {
  const { ask, last } = indexed()
  withTools({}, () => {
    assert.ok(ask()())
    appendFileSync(last, 'more')
    assert.not.ok(ask()())
  })
})

/** What the system's own tools say in another form, or changed by `sed`. */
const says = (form: string, change = ''): string =>
  `PATH='${process.env.PATH}'; xargs -0 stat -L -c '${form}' -- | sed '${change}'`

const poorTools: Record<string, string> = {
  'know only whole seconds': says('%n %Y %s'),
  'make up fractions of seconds': says('%n %Y.000000000 %s'),
  'say other sizes': says('%n %.9Y %b'),
  'say other names': says('%n %.9Y %s', 's/packages/Packages/'),
  'leave files out': says('%n %.9Y %s', '$d'),
  'say nothing': 'exit 0',
}
for (const [what, script] of Object.entries(poorTools)) {
  test(`tools that ${what} are not relied upon`, () => {
    withTools({ xargs: script }, () => {
      const { ask, last, folder } = indexed()
      assert.is(readStamps(folder)!.listing, undefined)
      assert.ok(ask()())
      appendFileSync(last, 'more')
      assert.not.ok(ask()())
    })
  })
}

test('a list of files that is another index’s is not relied upon', () => {
  const { ask, folder, last } = indexed()
  writeFileSync(join(folder, 'files.list'), '')
  assert.ok(ask()())
  appendFileSync(last, 'more')
  assert.not.ok(ask()())
})

test.run()
