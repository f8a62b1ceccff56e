// What it costs to be told why a request cannot be met, against concretizing its root without what contradicts it.

import { runSpack, spackProgram } from '../support/program.ts'
import { words, worldWith } from './cold-concretizer.ts'
import { measureInTurn } from './measure.ts'

const runs = 3

/** Requests that cannot be met, and the like that can. */
const cases: readonly (readonly [refused: string, solved: string])[] = [
  ['hdf5@99', 'hdf5'],
  ['hdf5+nosuch', 'hdf5'],
  ['hdf5~mpi ^openmpi', 'hdf5'],
  ['hdf5 ^zlib-ng~compat', 'hdf5'],
  ['hdf5 %clang', 'hdf5'],
  ['hdf5~mpi+java ^gtkplus', 'hdf5~mpi+java'],
  ['mpileaks ^openmpi ^mpich', 'mpileaks'],
  ['petsc+cuda+rocm', 'petsc+rocm amdgpu_target=gfx90a'],
  ['zlib %gcc@99', 'zlib'],
  ['zlib target=sparc', 'zlib'],
  ['nosuchpkg', 'zlib'],
]

/** Ratios of the processor's time, each of processes of its own. */
export function explainColdly(): string[] {
  const repository = process.env.SPACKMAKE_BUILTIN_REPO
  if (!repository) return ['refusals: not measured, since SPACKMAKE_BUILTIN_REPO names no repository']
  const env = worldWith(repository)
  const warming = runSpack(words('zlib'), { env, timeoutMs: 600_000 })
  if (warming.code !== 0) throw new Error(`spack spec zlib: ${warming.stderr}`)
  const command = (input: string) => [process.execPath, spackProgram, ...words(input)]
  return cases.map(([refused, solved]) => {
    const both = [
      { command: command(refused), env, expectedCode: 1 },
      { command: command(solved), env },
    ]
    const [told, found] = measureInTurn(both, runs)
    const times = (told!.cpuS / found!.cpuS).toFixed(2)
    return `why not \`${refused}\`: ${told!.cpuS.toFixed(2)} s, ${times}× \`${solved}\` (budget 2×)`
  })
}
