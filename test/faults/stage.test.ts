// A stage whose process is killed at any change of the disk, or whose disk is full there: the next run ends well.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SourcePlan } from '../../src/stage/source-plan.ts'
import { openStage } from '../../src/stage/stage.ts'
import { SpackError } from '../../src/ui/error.ts'
import { Killed, killedAt, systemError, thrown, withFaultyDisk } from '../support/disk-faults.ts'
import { scratch } from '../support/scratch.ts'
import { archiveOf, planOf, recordedWorld, sha256, tarball, written } from '../support/source-plans.ts'

const content = tarball({ 'a.c': 'int a;\n', 'sub/b.c': 'int b;\n' })
const resource = tarball({ 'x.txt': 'x' }, 'res-2')
const patch = '--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int a;\n+int c;\n'
const files = {
  archive: written('pkg-1.0.tar.gz', content),
  resource: written('res-2.tar.gz', resource),
  patch: written('fix.patch', patch),
}

/** Sources, a resource among them, a patch from a file and one that is fetched. */
function newPlan(): SourcePlan {
  const common = { level: 1, workingDir: '.', isReversed: false }
  const back = patch.replaceAll('a.c', 'sub/b.c').replace('int a;', 'int b;')
  const fetched = archiveOf({
    content: Buffer.from(back),
    expand: false,
    fileName: 'back.patch',
    urls: [`file://${written('back.patch', back)}`],
  })
  return planOf(scratch(), {
    source: archiveOf({ content, urls: [`file://${files.archive}`] }),
    resources: [
      {
        ...{ name: 'res', destination: 'ext', placement: null },
        source: archiveOf({ content: resource, fileName: 'res-2.tar.gz', urls: [`file://${files.resource}`] }),
      },
    ],
    patches: [
      { ...common, sha256: sha256(patch).hex, shown: 'fix.patch', from: { kind: 'file', path: files.patch } },
      { ...common, sha256: sha256(back).hex, shown: 'back.patch', from: { kind: 'fetch', source: fetched } },
    ],
  })
}

async function patchOnce(plan: SourcePlan): Promise<string> {
  const stage = await openStage(plan, recordedWorld())
  try {
    await stage.patch(async () => true)
    return stage.sourcePath
  } finally {
    stage.release()
  }
}

function checkSources(path: string): void {
  assert.is(readFileSync(join(path, 'a.c'), 'utf8'), 'int c;\n')
  assert.is(readFileSync(join(path, 'sub/b.c'), 'utf8'), 'int c;\n')
  assert.is(readFileSync(join(path, 'ext/res-2/x.txt'), 'utf8'), 'x')
  assert.equal(readdirSync(path).sort(), ['.spack_patched', 'a.c', 'ext', 'sub'])
}

async function countChanges(): Promise<number> {
  // Node loads what copies folders when it is first needed, and that would keep the disk of that moment.
  checkSources(await patchOnce(newPlan()))
  const plan = newPlan()
  return await withFaultyDisk(
    () => undefined,
    async (disk) => {
      checkSources(await patchOnce(plan))
      return disk.count
    },
  )
}

test('killed at any change, the next run ends with the same sources', async () => {
  const changes = await countChanges()
  assert.ok(changes > 20, `${changes} changes`)
  for (let at = 0; at < changes; at++) {
    const plan = newPlan()
    const error = await thrown(() => withFaultyDisk(killedAt(at), () => patchOnce(plan)))
    assert.instance(error, Killed, `at change ${at}`)
    checkSources(await patchOnce(plan))
  }
})

test('a disk that is full at any change is named, and the next run ends well', async () => {
  const changes = await countChanges()
  for (let at = 0; at < changes; at += 3) {
    const plan = newPlan()
    const isFull = (_: string, count: number) => (count === at ? systemError('ENOSPC') : undefined)
    const error = await thrown(() => withFaultyDisk(isFull, () => patchOnce(plan)))
    if (error !== undefined) {
      assert.instance(error, SpackError, `at change ${at}: ${error}`)
      assert.match((error as SpackError).code, /^(disk-full|stage-folder|lock-read-only)$/)
      assert.ok((error as SpackError).hint)
    }
    checkSources(await patchOnce(plan))
  }
})

test.run()
