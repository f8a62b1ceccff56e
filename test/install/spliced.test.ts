// A spliced spec comes from the binary of its build spec, in a build cache or in the store.
//
//   app ─▶ mpi: vendor        app* ─▶ mpi: site, with the files of app

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { publishPackages } from '../../src/buildcache/publish.ts'
import { recordInstalled } from '../../src/install/finish.ts'
import { type InstallOptions, type InstallWorld, installSpec } from '../../src/install/install-spec.ts'
import { computeHash } from '../../src/spec/hash.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { checkPrefix } from '../../src/store/install-manifest.ts'
import { storeFrom } from '../../src/store/store.ts'
import { readDatabase } from '../../src/store/transaction.ts'
import { kitEnvironment, kitPlan } from '../support/kit-install.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, tinyKey, tinyLockfile } from '../support/tiny-cache.ts'

const test = suite('spliced')
const key = await tinyKey()
const cache = await makeTinyCache(
  scratch(),
  [
    { name: 'vendor', files: { 'share/who': 'vendor' } },
    { name: 'site', files: { 'share/who': 'site' } },
    {
      name: 'app',
      dependencies: ['vendor'],
      virtuals: { vendor: ['mpi'] },
      files: { 'bin/app': '#!/bin/sh\ncat @PREFIX:vendor@/share/who\n', 'share/where': '@PREFIX@ @PREFIX:vendor@' },
      members: (root) => [
        { kind: 'file', name: `${root}/.spack/install_manifest.json`, mode: 0o644, content: Buffer.from('{}') },
      ],
    },
  ],
  key,
)
const origin = cache.nodes.get('app')!
const spliced = splicedNode(cache.nodes.get('site')!)

function splicedNode(site: SpecNode): SpecNode {
  const node: SpecNode = {
    ...origin,
    dependencies: [{ name: 'site', hash: site.hash!, parameters: { deptypes: ['link'], virtuals: ['mpi'] } }],
    build_spec: { name: origin.name, hash: origin.hash! },
  }
  delete node.hash
  return { ...node, hash: computeHash(node) }
}

/** An environment whose roots are these, with the lockfile that a splice leaves. */
async function worldOf({ roots = [spliced], mirror = cache.mirror }: { roots?: SpecNode[]; mirror?: string } = {}) {
  const folder = scratch()
  writeFileSync(join(folder, 'spack.yaml'), `spack:\n  specs: []\n  view: false\n  mirrors:\n    tiny: ${mirror}\n`)
  writeFileSync(join(folder, 'spack.lock'), tinyLockfile(roots, new Map([...cache.nodes, ['spliced', spliced]])))
  const environment = await kitEnvironment({
    caches: cache.folder,
    environment: folder,
    root: join(scratch(), 'store'),
  })
  const plan = await kitPlan(environment)
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  const world = {
    environ: environment.environ,
    note,
    warn: note,
    withoutSlot: <Result>(wait: () => Promise<Result>) => wait(),
  }
  const spec = ({ hash }: SpecNode) => plan.spec(hash!)!
  const install = (node: SpecNode, options: Partial<InstallOptions> = {}) =>
    installSpec(plan, spec(node), { cachePolicy: 'auto', overwrite: false, ...options }, world)
  return { plan, spec, install, notes, environment }
}

const site = cache.nodes.get('site')!
const quiet: InstallWorld = { environ: {}, note: () => {}, warn: () => {}, withoutSlot: (wait) => wait() }
const vendor = cache.nodes.get('vendor')!

async function expectWhole(world: Awaited<ReturnType<typeof worldOf>>): Promise<void> {
  const { prefix } = world.spec(spliced)
  assert.is(execFileSync(join(prefix!, 'bin/app'), { encoding: 'utf8' }), 'site')
  assert.is(readFileSync(join(prefix!, 'share/where'), 'utf8'), `${prefix} ${world.spec(site).prefix}`)
  const { nodes } = JSON.parse(readFileSync(join(prefix!, '.spack/spec.json'), 'utf8')).spec
  assert.equal(
    nodes.map(({ name, hash }: SpecNode) => `${name} ${hash}`),
    [spliced, origin, vendor, site].map(({ name, hash }) => `${name} ${hash}`),
  )
  assert.equal(nodes[0].build_spec, { name: 'app', hash: origin.hash })
  const manifest = JSON.parse(readFileSync(join(prefix!, '.spack/install_manifest.json'), 'utf8'))
  assert.ok(manifest[join(prefix!, 'bin/app')] && manifest[prefix!])
  assert.ok(existsSync(join(prefix!, '.spack/install_times.json')))
  assert.not(manifest[join(prefix!, '.spack/install_times.json')])
  assert.equal([...(await checkPrefix(prefix!))], [])
  await recordInstalled(world.plan, () => {})
  const { database } = await readDatabase(storeFrom(world.plan.settings.store))
  const record = database.record(spliced.hash as DagHash)!
  assert.equal([record.isInstalled, record.isExplicit, record.path], [true, true, prefix])
  assert.is(record.node.build_spec?.hash, origin.hash)
}

test('the binary of the build spec is fetched and linked to what replaces its dependencies', async () => {
  const world = await worldOf()
  await world.install(site)
  assert.is((await world.install(spliced)).kind, 'cached')
  await expectWhole(world)
  assert.not(existsSync(world.spec(origin).prefix!))
  assert.not(existsSync(world.spec(vendor).prefix!))
  assert.is((await world.install(spliced)).kind, 'present')
})

test('the replacement comes first', async () => {
  const world = await worldOf()
  const error = await rejection(world.install(spliced), 'dependency-missing')
  assert.match(error.message, /needs `site\/\w{7}`/)
})

test('without a binary, or when none is to be used, it is made of the installed build spec', async () => {
  for (const cachePolicy of ['never', 'auto', 'only'] as const) {
    const world = await worldOf({ roots: [spliced, origin] })
    for (const node of [vendor, origin, site]) await world.install(node)
    const settings = { ...world.plan.settings, mirrors: [] }
    const plan = { ...world.plan, settings }
    const folder = dirname(world.spec(spliced).prefix!)
    // What a killed installer left.
    writeFileSync(join(folder, `.${spliced.hash}.tar.gz`), 'half of it')
    const options = { cachePolicy, overwrite: false }
    const outcome = await installSpec(plan, world.spec(spliced), options, quiet)
    assert.is(outcome.kind, 'spliced')
    await expectWhole(world)
    assert.equal(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    )
  }
})

test('neither a binary nor an installed build spec: an error that names the build spec, and nothing stays', async () => {
  const world = await worldOf({ mirror: scratch() })
  const other = await worldOf()
  await other.install(site)
  // Only what it is made of is missing.
  const plan = { ...other.plan, settings: { ...other.plan.settings, mirrors: world.plan.settings.mirrors } }
  const quiet = {
    environ: {},
    note: () => {},
    warn: () => {},
    withoutSlot: <Result>(wait: () => Promise<Result>) => wait(),
  }
  for (const cachePolicy of ['auto', 'never'] as const) {
    const options = { cachePolicy, overwrite: false }
    const error = await rejection(installSpec(plan, other.spec(spliced), options, quiet), 'build-spec-missing')
    assert.match(error.message, `\`app@1.0 /${origin.hash!.slice(0, 7)}\``)
    assert.match(error.hint ?? '', `install /${origin.hash!.slice(0, 7)}`)
    if (cachePolicy === 'auto') assert.match(error.detail ?? '', /mirror `tiny`/)
  }
  assert.not(existsSync(other.spec(spliced).prefix!))
})

test('an archive that is not of the build spec is refused', async () => {
  const archivePath = join(cache.folder, 'archives', 'vendor.tar.gz')
  const content = readFileSync(archivePath)
  const archive = { sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  const mirror = scratch()
  await publishPackages(mirror, [{ nodes: [origin, vendor], archivePath, archive }], key)
  const { plan } = await worldOf({ mirror })
  const world = await worldOf()
  await world.install(site)
  const swapped = { ...world.plan, settings: { ...world.plan.settings, mirrors: plan.settings.mirrors } }
  const options = { cachePolicy: 'only', overwrite: false } as const
  const error = await rejection(installSpec(swapped, world.spec(spliced), options, quiet), 'build-spec-missing')
  assert.match(error.detail ?? '', /holds `vendor\//)
  assert.not(existsSync(world.spec(spliced).prefix!))
})

test.run()
