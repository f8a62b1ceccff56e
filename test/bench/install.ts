// Installing an environment from its signed build cache, beside `tar` that unpacks the same archives. Both write to the same
// file system, in turns: the one in memory, where there is one, says what we cost; the disk says what people see.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomDigits } from '../../src/store/random-text.ts'
import { installProgram, isolated, runProgram, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kit } from '../support/shared.ts'
import { measure, measureInTurn, milliseconds, ratio, spread } from './measure.ts'

const node = process.execPath
const rounds = 9

const places = [
  { what: 'in memory', folder: '/dev/shm' },
  { what: 'on disk', folder: '/tmp' },
]

/** The environment `v3-env` of the kit in a scratch world with its store in `folder`. */
function kitEnvironment(folder: string, name = 'v3-env') {
  const home = scratch(folder, 'sm-')
  const environment = join(home, 'e')
  const storeRoot = shortFolder(folder)
  mkdirSync(environment)
  for (const file of ['spack.yaml', 'spack.lock']) {
    const text = readFileSync(kit('buildcache', name, file), 'utf8')
    writeFileSync(join(environment, file), text.replaceAll('/work-mirror', kit('buildcache')))
  }
  const env = isolated(home)
  mkdirSync(join(home, 'user-config'))
  writeFileSync(join(home, 'user-config/config.yaml'), `config:\n  install_tree:\n    root: ${storeRoot}\n`)
  const spack = (...args: string[]) => {
    const done = runProgram(node, [spackProgram, ...args], { env, cwd: environment })
    if (done.code !== 0) throw new Error(`spack ${args.join(' ')}: ${done.stderr}`)
  }
  spack('gpg', 'trust', kit('buildcache', 'key.pub'))
  spack('-e', '.', 'env', 'depfile', '-o', 'Makefile', '--use-buildcache', 'only')
  return { home, environment, storeRoot, env }
}

/** A path of 13 characters at most, for more of them the binaries of the kit have no room. */
function shortFolder(folder: string): string {
  const place = join(folder, randomDigits(12 - folder.length))
  mkdirSync(place)
  process.on('exit', () => rmSync(place, { recursive: true, force: true }))
  return place
}

export function installFromCache(): string[] {
  return places.flatMap(({ what, folder }) => (existsSync(folder) ? installIn(folder, what) : []))
}

function installIn(folder: string, what: string): string[] {
  const { home, environment, storeRoot, env } = kitEnvironment(folder)
  const make = { command: ['make', '-j2'], cwd: environment, env }
  const forgetStamps = () => void runProgram('make', ['clean'], { cwd: environment, env })
  const forgetAll = () => {
    forgetStamps()
    rmSync(storeRoot, { recursive: true, force: true })
  }
  const target = join(home, 'tar')
  const emptyTarget = () => {
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target)
  }
  const unpack = `xargs -P2 -n1 tar -C ${target} -xzf < ${archiveList(home)}`
  const pair = [
    { ...make, before: forgetAll },
    { command: ['sh', '-c', unpack], before: emptyTarget },
  ]
  const [cold, tar] = measureInTurn(pair, rounds)
  const installed = measure({ ...make, before: forgetStamps, runs: rounds })
  const stamped = measure({ ...make, runs: rounds })
  return [
    `install v3-env ${what}, make -j2: ${spread(cold!)}, ${ratio(cold!, tar!)}× tar -xzf two at a time (${spread(tar!)}) (budget 2.16×)`,
    `  peak memory of a process: ${cold!.peakMiB.toFixed(0)} MiB (budget 80)`,
    `  all installed, no stamps: ${spread(installed)} (budget 150 ms); with stamps: ${milliseconds(stamped.medianS)}`,
  ]
}

/** A file that lists the archives of the cache. */
function archiveList(home: string): string {
  const blobs = kit('buildcache', 'v3', 'blobs', 'sha256')
  const isArchive = (path: string) => runProgram('tar', ['-tzf', path]).code === 0
  const files = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('/'))
  const list = join(home, 'archives')
  const paths = files.map((path) => join(blobs, path))
  writeFileSync(list, paths.filter(isArchive).join('\n'))
  return list
}

export function nothingToDo(): string[] {
  const { environment, env } = kitEnvironment(existsSync('/dev/shm') ? '/dev/shm' : '/tmp')
  runProgram('make', ['-j2'], { cwd: environment, env })
  const lock: { concrete_specs: Record<string, { name: string }> } = JSON.parse(
    readFileSync(join(environment, 'spack.lock'), 'utf8'),
  )
  const hash = Object.keys(lock.concrete_specs).find((key) => lock.concrete_specs[key]!.name === 'bzip2')
  const command = [node, installProgram, '-e', environment, `/${hash}`]
  const [installer, bare] = measureInTurn(
    [
      { command, env },
      { command: [node, '-e', '0'], env },
    ],
    21,
  )
  return [`install.js, nothing to do: ${spread(installer!)}, ${ratio(installer!, bare!)}× node -e 0 (budget 1.3×)`]
}
