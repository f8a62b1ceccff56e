// Builds whose installer is killed, or whose disk is full, at any of its changes of the disk: nothing half done is taken for a
// package, and the next run ends as if nothing had happened.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { currentBuildPlan } from '../../src/install/build-plan.ts'
import { finishInstall } from '../../src/install/finish.ts'
import { type InstallWorld, installSpec } from '../../src/install/install-spec.ts'
import { storedPlan } from '../../src/install/plan-file.ts'
import { SpackError } from '../../src/ui/error.ts'
import { makeBuildWorld } from '../support/build-world.ts'
import { Killed, killedAt, systemError, thrown, withFaultyDisk } from '../support/disk-faults.ts'
import { smallHash } from '../support/small-lockfile.ts'
import { expectSuccess } from '../support/world.ts'

const test = suite('builds and faults')

const w = makeBuildWorld({
  app: {
    sources: { 'a.txt': 'a\n', run: `#!/${'x'.repeat(140)}/sh\n` },
    recipe: `
VERSION

def install(self, spec, prefix):
    install("a.txt", prefix)
    mkdirp(prefix.bin)
    install("run", prefix.bin)
`,
  },
})
// Makes the plans as well.
expectSuccess(w.install())
const prefix = w.prefix('app')
const whole = listing()

const plan = storedPlan({ environmentDir: w.environment }, w.environ)!
const spec = plan.spec(smallHash('app'))!
const world: InstallWorld = {
  environ: w.environ,
  note: () => undefined,
  warn: () => undefined,
  withoutSlot: (wait) => wait(),
  building: {
    jobserver: async () => null,
    openBuildPlan: (of, hash) =>
      currentBuildPlan({ environmentDir: w.environment, flags: of.settings.flags }, hash, w.environ, () => {
        throw new Error('there was a plan')
      }),
  },
}

/** What is in the prefix, and the start of its program, which was led through `sbang`. */
function listing(): string[] {
  const files = readdirSync(prefix, { recursive: true }) as string[]
  return [...files.sort(), readFileSync(join(prefix, 'bin/run'), 'utf8').split('\n')[0]!]
}

const install = () => installSpec(plan, spec, { cachePolicy: 'auto', overwrite: false, build: buildOptions }, world)

const buildOptions = {
  ...{ keepStage: false, keepPrefix: false, dontRestage: false, installSource: false, checksum: true, verbose: false },
  ...{ until: undefined, stopBefore: undefined, test: undefined, dirty: undefined, jobs: undefined, debug: false },
}

/** As before the first installation. */
function forget(): void {
  rmSync(prefix, { recursive: true, force: true })
  rmSync(join(w.home, 'stage'), { recursive: true, force: true })
}

async function expectBuilt(): Promise<void> {
  await install()
  // Make's last rule.
  await finishInstall(plan, { note: () => undefined, say: () => undefined })
  assert.equal(listing(), whole)
  assert.equal(w.leftovers(), [])
}

async function countChanges(): Promise<number> {
  forget()
  // Modules are loaded when they are first needed, and would keep the disk of that moment.
  await expectBuilt()
  forget()
  return await withFaultyDisk(
    () => undefined,
    async (disk) => {
      await install()
      return disk.count
    },
  )
}

const isPackage = () => existsSync(join(prefix, '.spack/spec.json'))

const step = 4

test('killed at a change, the next run ends with the same package', async () => {
  const changes = await countChanges()
  assert.ok(changes > 30, `${changes} changes`)
  for (let at = 0; at < changes; at += step) {
    forget()
    const error = await thrown(() => withFaultyDisk(killedAt(at), install))
    // Some changes depend on how fast the guest is: the last ones may not be reached.
    if (at < changes / 2 || error !== undefined) assert.instance(error, Killed, `at change ${at}: ${error}`)
    if (isPackage()) assert.equal(listing(), whole, `at change ${at}`)
    await expectBuilt()
  }
})

test('a disk that is full at a change is named, and the next run ends well', async () => {
  const changes = await countChanges()
  for (let at = step / 2; at < changes; at += step) {
    forget()
    const isFull = (_: string, count: number) => (count === at ? systemError('ENOSPC') : undefined)
    const error = await thrown(() => withFaultyDisk(isFull, install))
    if (error !== undefined) {
      assert.instance(error, SpackError, `at change ${at}: ${(error as Error).stack}`)
      assert.ok((error as SpackError).hint, `at change ${at}`)
      assert.not(isPackage() && listing().join() !== whole.join())
    }
    await expectBuilt()
  }
})

test.run()
