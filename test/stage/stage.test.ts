// Stages from plans: what is fetched from where, checked, unpacked and patched, and what is said when that cannot be.

import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PlannedPatch, SourcePlan } from '../../src/stage/source-plan.ts'
import { openStage } from '../../src/stage/stage.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import {
  archiveOf,
  planOf,
  type RecordedWorld,
  recordedWorld,
  sha256,
  tarball,
  written,
} from '../support/source-plans.ts'

const sources = tarball({ 'a.c': 'int a;\n', 'sub/b.c': 'int b;\n' })

const change = (file: string, from: string, to: string): string =>
  `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${from}\n+${to}\n`

/** A patch in a file of its own. */
function filePatch(text: string, more: Partial<PlannedPatch> = {}): PlannedPatch {
  const path = written('fix.patch', text)
  const from = { kind: 'file' as const, path }
  return { sha256: sha256(text).hex, shown: 'fix.patch', from, level: 1, workingDir: '.', isReversed: false, ...more }
}

function localPlan(parts: Partial<SourcePlan> = {}): SourcePlan {
  const folder = scratch()
  const path = written('pkg-1.0.tar.gz', sources)
  return planOf(folder, { source: archiveOf({ content: sources, urls: [`file://${path}`] }), ...parts })
}

/** Patches and gives the sources' folder. */
async function patched(plan: SourcePlan, world: RecordedWorld = recordedWorld()): Promise<string> {
  const stage = await openStage(plan, world)
  try {
    await stage.patch()
    return stage.sourcePath
  } finally {
    stage.release()
  }
}

interface Answer {
  status?: number
  body?: Buffer
  /** Cut the connection after so many bytes. */
  cutAfter?: number
}

/** A web server that answers by path, and notes what was asked for with which range. */
async function serve(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    const { range } = request.headers
    asked.push(`${request.url}${range ? ` ${range}` : ''}`)
    const { status = 200, body = Buffer.alloc(0), cutAfter } = answers[request.url ?? ''] ?? { status: 404 }
    if (status !== 200) return void response.writeHead(status).end()
    const start = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    const head = {
      'content-length': body.length - start,
      'content-range': `bytes ${start}-${body.length - 1}/${body.length}`,
    }
    response.writeHead(start > 0 ? 206 : 200, head)
    if (cutAfter === undefined || start > 0) return void response.end(body.subarray(start))
    response.write(body.subarray(0, cutAfter), () => response.destroy())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, close: () => void server.close() }
}

test('an archive is unpacked without the folder around it, and patched once', async () => {
  const plan = localPlan({ patches: [filePatch(change('a.c', 'int a;', 'int c;'))] })
  const path = await patched(plan)
  assert.is(path, join(plan.stageRoots[0]!, plan.stageName, 'spack-src'))
  assert.is(readFileSync(join(path, 'a.c'), 'utf8'), 'int c;\n')
  assert.ok(existsSync(join(path, '.spack_patched')))
  await patched(plan)
  assert.is(readFileSync(join(path, 'a.c'), 'utf8'), 'int c;\n')
})

test('patches know levels, folders and the way back', async () => {
  const plan = localPlan({
    patches: [
      filePatch(change('b.c', 'int b;', 'int c;'), { workingDir: 'sub' }),
      filePatch('--- sub/b.c\n+++ sub/b.c\n@@ -1 +1 @@\n-int c;\n+int d;\n', { level: 0 }),
      filePatch(change('sub/b.c', 'int e;', 'int d;'), { isReversed: true }),
    ],
  })
  assert.is(readFileSync(join(await patched(plan), 'sub/b.c'), 'utf8'), 'int e;\n')
})

test('sources that were being patched when the process was killed are unpacked anew', async () => {
  const plan = localPlan({ patches: [filePatch(change('a.c', 'int a;', 'int c;'))] })
  const path = await patched(plan)
  rmSync(join(path, '.spack_patched'))
  writeFileSync(join(path, '.spack_patch_failed'), '')
  writeFileSync(join(path, 'half-done'), '')
  await patched(plan)
  assert.is(readFileSync(join(path, 'a.c'), 'utf8'), 'int c;\n')
  assert.not(existsSync(join(path, 'half-done')))
  assert.not(existsSync(join(path, '.spack_patch_failed')))
})

test('what a killed process left of unpacking is in nobody’s way', async () => {
  const plan = localPlan()
  const folder = join(plan.stageRoots[0]!, plan.stageName)
  mkdirSync(join(folder, 'spack-expanded-archive/old'), { recursive: true })
  const path = await patched(plan)
  assert.equal(readdirSync(path).sort(), ['a.c', 'sub'])
  assert.equal(readdirSync(folder).sort(), ['pkg-1.0.tar.gz', 'spack-src'])
})

test('a patch that does not apply shows the hunk, the file and the patch', async () => {
  const plan = localPlan({ patches: [filePatch(change('a.c', 'int z;', 'int c;'))] })
  const error = await rejection(patched(plan), 'patch-failed')
  assert.match(error.message, /`pkg@1\.0 \/abcdefg`/)
  assert.match(error.detail ?? '', /a\.c\.rej`:/)
  assert.match(error.detail ?? '', /-int z;/)
  assert.match(error.detail ?? '', /fix\.patch/)
  // And the next run starts from fresh sources.
  const repaired = { ...plan, patches: [filePatch(change('a.c', 'int a;', 'int c;'))] }
  assert.is(readFileSync(join(await patched(repaired), 'a.c'), 'utf8'), 'int c;\n')
})

test('a patch whose text has changed is not applied', async () => {
  const patch = filePatch(change('a.c', 'int a;', 'int c;'))
  const error = await rejection(patched(localPlan({ patches: [{ ...patch, sha256: '0'.repeat(64) }] })), 'patch-digest')
  assert.match(error.detail ?? '', /0000/)
})

test('the recipe’s own function may come later, and runs once', async () => {
  const plan = localPlan({ patches: [filePatch(change('a.c', 'int a;', 'int c;'))] })
  const world = recordedWorld()
  let runs = 0
  const run = async (patchFunction: (() => Promise<boolean>) | 'later') => {
    const stage = await openStage(plan, world)
    try {
      return await stage.patch(patchFunction)
    } finally {
      stage.release()
    }
  }
  const count = async () => {
    runs++
    return true
  }
  assert.is(await run('later'), 'patched')
  assert.is(await run(count), 'patched')
  assert.is(await run(count), 'patched-before')
  assert.is(runs, 1)
  assert.is(world.said.filter((line) => line.startsWith('Applied')).length, 1)
})

test('mirrors come before the recipe’s URLs, by digest and by name, and are linked to', async () => {
  const mirror = scratch()
  const source = archiveOf({
    content: sources,
    mirrors: { mine: `file://${mirror}` },
    urls: ['file:///nowhere/x.tar.gz'],
  })
  written('pkg/pkg-1.0.tar.gz', sources, mirror)
  const plan = planOf(scratch(), { source })
  const path = await patched(plan)
  const archive = join(path, '../pkg-1.0.tar.gz')
  assert.ok(lstatSync(archive).isSymbolicLink())
  written(source.places.storage, sources, mirror)
  await patched(planOf(scratch(), { source }))
})

test('a download is checked, kept in the cache, and not fetched again', async () => {
  const server = await serve({ '/pkg-1.0.tar.gz': { body: sources } })
  const folder = scratch()
  const source = archiveOf({ content: sources, urls: [`${server.url}/pkg-1.0.tar.gz`], cache: join(folder, 'cache') })
  await patched(planOf(folder, { source }))
  assert.ok(existsSync(join(folder, 'cache', source.places.storage)))
  rmSync(join(folder, 'stages'), { recursive: true })
  await patched(planOf(folder, { source }))
  assert.equal(server.asked, ['/pkg-1.0.tar.gz'])
  server.close()
})

test('a wrong digest names the address and both digests, and nothing is unpacked', async () => {
  const wrong = Buffer.from('<!DOCTYPE html><p>please log in')
  const server = await serve({ '/pkg-1.0.tar.gz': { body: wrong } })
  const plan = planOf(scratch(), { source: archiveOf({ content: sources, urls: [`${server.url}/pkg-1.0.tar.gz`] }) })
  const error = await rejection(patched(plan), 'source-digest')
  for (const part of [server.url, sha256(wrong).hex, sha256(sources).hex, 'a web page']) {
    assert.ok(error.detail?.includes(part), part)
  }
  assert.match(error.hint ?? '', /spack clean --downloads/)
  assert.equal(readdirSync(join(plan.stageRoots[0]!, plan.stageName)), [])
  server.close()
})

test('a mirror with another archive is passed over with a warning', async () => {
  const mirror = scratch()
  const source = archiveOf({
    content: sources,
    mirrors: { bad: `file://${mirror}` },
    urls: [`file://${written('pkg-1.0.tar.gz', sources)}`],
  })
  written(source.places.storage, 'something else', mirror)
  const world = recordedWorld()
  await patched(planOf(scratch(), { source }), world)
  assert.match(world.warned.join('\n'), /sha256 .* is .*, not /)
})

test('when it is nowhere to be had every place is told', async () => {
  const server = await serve({ '/busy.tar.gz': { status: 403 } })
  const source = archiveOf({
    content: sources,
    mirrors: { empty: `file://${scratch()}` },
    urls: [`${server.url}/gone.tar.gz`, `${server.url}/busy.tar.gz`],
  })
  const error = await rejection(patched(planOf(scratch(), { source })), 'fetch-failed')
  assert.match(error.detail ?? '', /mirror `empty` .*: not there/)
  assert.match(error.detail ?? '', /gone\.tar\.gz: not there/)
  assert.match(error.detail ?? '', /busy\.tar\.gz: .*403/)
  server.close()
})

test('an interrupted download goes on where it stopped, also in another process', async () => {
  const content = tarball({ big: Array.from({ length: 40_000 }, (_, i) => i * 7919).join(' ') })
  const half = Math.floor(content.length / 2)
  const server = await serve({ '/pkg-1.0.tar.gz': { body: content } })
  const plan = planOf(scratch(), { source: archiveOf({ content, urls: [`${server.url}/pkg-1.0.tar.gz`] }) })
  written(`${plan.stageName}/pkg-1.0.tar.gz.part`, content.subarray(0, half), plan.stageRoots[0])
  await patched(plan)
  assert.equal(server.asked, [`/pkg-1.0.tar.gz bytes=${half}-`])
  server.close()
})

test('what was left of another file is thrown away', async () => {
  const server = await serve({ '/pkg-1.0.tar.gz': { body: sources } })
  const plan = planOf(scratch(), { source: archiveOf({ content: sources, urls: [`${server.url}/pkg-1.0.tar.gz`] }) })
  written(`${plan.stageName}/pkg-1.0.tar.gz.part`, 'other bytes', plan.stageRoots[0])
  await patched(plan)
  assert.equal(server.asked, ['/pkg-1.0.tar.gz bytes=11-', '/pkg-1.0.tar.gz'])
  server.close()
})

test('the page that lists archives is the last resort', async () => {
  const page = Buffer.from('<a href="other-1.0.tar.gz">o</a> <a href="old/pkg-1.0.tar.gz">p</a>')
  const server = await serve({ '/list/': { body: page }, '/list/old/pkg-1.0.tar.gz': { body: sources } })
  const urls = [`${server.url}/pkg-1.0.tar.gz`]
  const source = archiveOf({ content: sources, urls })
  const list = { depth: 0, version: '1.0', expectedUrls: urls }
  const candidates = [...source.candidates, { kind: 'list' as const, url: `${server.url}/list/`, list }]
  await patched(planOf(scratch(), { source: { ...source, candidates } }))
  assert.equal(server.asked, ['/pkg-1.0.tar.gz', '/list/', '/list/old/pkg-1.0.tar.gz'])
  server.close()
})

test('resources go to their places, and not outside', async () => {
  const content = tarball({ 'x.txt': 'x', 'bin/run': 'r' }, 'res-2')
  const source = archiveOf({ content, urls: [`file://${written('res-2.tar.gz', content)}`] })
  const resource = { name: 'res', source, destination: 'ext', placement: { bin: 'tools', 'x.txt': 'y.txt' } }
  const path = await patched(localPlan({ resources: [resource, { ...resource, name: 'whole', placement: null }] }))
  assert.equal(readdirSync(join(path, 'ext')).sort(), ['res-2', 'tools', 'y.txt'])
  const hostile = { ...resource, destination: '../../..' }
  await rejection(patched(localPlan({ resources: [hostile] })), 'resource-place')
})

test('a file that is not to be expanded lies in the sources', async () => {
  const content = Buffer.from('#!/bin/sh\n')
  const source = archiveOf({
    content,
    expand: false,
    fileName: 'run.sh',
    urls: [`file://${written('run.sh', content)}`],
  })
  const path = await patched(planOf(scratch(), { source }))
  assert.ok(lstatSync(join(path, 'run.sh')).isFile())
})

test('an archive that is none, or is cut off, is named', async () => {
  for (const content of [Buffer.from('no archive at all'), sources.subarray(0, 60), Buffer.alloc(0)]) {
    const source = archiveOf({ content, urls: [`file://${written('pkg-1.0.tar.gz', content)}`] })
    const plan = planOf(scratch(), { source })
    const error = await rejection(patched(plan), 'archive-damaged')
    assert.match(error.message, /pkg-1\.0\.tar\.gz/)
    assert.not(existsSync(join(plan.stageRoots[0]!, plan.stageName, 'spack-src')))
  }
})

test('without a digest nothing is fetched', async () => {
  const objection = { code: 'no-checksum', message: 'nobody knows', hint: '--no-checksum' }
  const error = await rejection(patched(localPlan({ objections: [objection] })), 'no-checksum')
  assert.is(error.hint, '--no-checksum')
})

test('two processes of one stage: the second waits for its lock', async () => {
  const plan = localPlan()
  const first = await openStage(plan, recordedWorld())
  let isOpen = false
  const second = openStage(plan, recordedWorld()).then((stage) => {
    isOpen = true
    return stage
  })
  await new Promise((resolve) => setTimeout(resolve, 80))
  assert.not(isOpen)
  first.release()
  const stage = await second
  stage.remove()
  stage.release()
  assert.not(existsSync(stage.path))
})

test.run()
