// Has a program that was just built concretize a few specs, and keeps of its code what ran: V8 takes over half as much at
// the next start. Whole caches cost a command 10 ms of 250; a function that did not run here costs 0.05 ms when it first does.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What is practised, in turn: each goes on from the code that those before it have left. */
const commands = [
  ['spec', '--fresh', 'simulation'],
  ['spec', '-I', 'netcdfs ^cmake@3.27', 'hdfive ^zipper-ng%gcc', 'solvers~hdfive'],
  ['spec', '--fresh', 'hdfive ^mpichs'],
  ['solve', 'py-parallel@3 ^mpichs'],
  ['spec', 'hdfive+map ^blasters@0.2.20:0.3.27'],
  ['-e', '.', 'concretize'],
  ['-e', '.', 'env', 'depfile', '-o', 'Makefile'],
]

/**
 * Writes the code caches (FILE.cache) of the files in `folder` that `spack.js` loads meanwhile. Tells why when nothing
 * comes of it, as where there is no Python to read recipes: what is not practised is cached whole.
 */
export function practise(folder) {
  const world = makeWorld(resolve(`${folder}.practice`))
  try {
    for (const words of commands) {
      const start = [resolve('scripts/practised-start.cjs'), resolve(folder), '-C', world.config]
      const { status, stderr } = spawnSync(process.execPath, [...start, ...words], {
        cwd: world.environment,
        env: world.environ,
        encoding: 'utf8',
      })
      if (status === 0) continue
      console.warn(`\`spack ${words.join(' ')}\` could not be practised, so code is cached whole:\n${stderr}`)
      return
    }
  } finally {
    rmSync(world.home, { recursive: true, force: true })
  }
}

/** A user with the recipes of `practice` and two compilers that do no more than tell where the C library is. */
function makeWorld(home) {
  const [bin, lib, config, environment] = ['bin', 'lib', 'config', 'environment'].map((name) => join(home, name))
  for (const folder of [bin, lib, config, environment]) mkdirSync(folder, { recursive: true })
  const script = (path, line) => {
    writeFileSync(path, `#!/bin/sh\n${line}\n`)
    chmodSync(path, 0o755)
  }
  script(
    join(lib, 'ld-linux.so'),
    'echo "ld.so (GNU libc) stable release version 2.36."; echo "Free Software Foundation"',
  )
  script(join(bin, 'gcc'), `echo "collect2 -dynamic-linker ${lib}/ld-linux.so -o a.out"`)
  const external = (version) => `    - spec: gcc@${version} languages:='c,c++,fortran'
      prefix: /usr
      extra_attributes: {compilers: {c: ${bin}/gcc, cxx: ${bin}/gcc, fortran: ${bin}/gcc}}
`
  writeFileSync(
    join(config, 'packages.yaml'),
    `packages:
  all:
    require: ['%gcc']
    prefer: [+shared]
  mpi: {require: [{one_of: [openmpis, mpichs]}]}
  cmake: {prefer: ['@3:']}
  glibc: {buildable: false}
  gcc:
    externals:
${external('12.2.0')}${external('11.3.0')}`,
  )
  writeFileSync(
    join(config, 'repos.yaml'),
    `repos::
  practice: ${resolve('scripts/practice/spack_repo/practice')}
  examples: ${resolve('examples/recipes/spack_repo/examples')}
`,
  )
  writeFileSync(
    join(environment, 'spack.yaml'),
    'spack:\n  specs:\n  - netcdfs\n  - py-arrays\n  view: false\n  concretizer:\n    unify: true\n',
  )
  const environ = {
    PATH: process.env.PATH,
    HOME: home,
    SPACK_ROOT: join(home, 'root'),
    SPACK_USER_CACHE_PATH: join(home, 'cache'),
    SPACK_DISABLE_LOCAL_CONFIG: '1',
  }
  return { home, config, environment, environ }
}
