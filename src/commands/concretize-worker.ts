// A program of its own that solves roots for `unify: false`, one after the other, as another process asks over IPC. It
// opens the same world as that one, and ends when that one does.

import { type EnvironmentRequest, oneByOne } from '../environment/concretize.ts'
import { developedSpecs } from '../environment/develop.ts'
import { specReader } from '../environment/spec-reader.ts'
import { type SpecNode, writeNodes } from '../spec/node.ts'
import { traverseWithBuildSpecs } from '../spec/traverse.ts'
import { SpackError } from '../ui/error.ts'
import { type WorldOptions, withConcretizerWorld } from './concretizer-world.ts'
import { configuration, requireEnvironment } from './configured.ts'
import { type GlobalOptions, type Invocation, processInvocation } from './invocation.ts'

/** The first message to a worker: what makes its world. */
export interface WorkerTask {
  options: GlobalOptions
  world: WorldOptions
  tests: boolean | readonly string[]
}

/** A root to solve. */
export interface WorkerRequest {
  text: string
  where: string | null
}

export type WorkerAnswer =
  | { kind: 'ready' }
  /** The nodes of a DAG, its root first, and what the user should know of it. */
  | { kind: 'solved'; nodes: readonly SpecNode[]; said: readonly string[] }
  | { kind: 'failed'; error: Pick<SpackError, 'code' | 'message' | 'hint' | 'where' | 'detail' | 'exitCode'> }

type Solver = (request: WorkerRequest) => Promise<WorkerAnswer>

const send = (answer: WorkerAnswer): void => void process.send!(answer)

/** What the user should know of the world was said by the process that asks; what there is to a root goes with the answer. */
const collecting = (options: GlobalOptions, said: string[]): Invocation => ({
  ...processInvocation(options),
  say: (text) => void said.push(text),
})

async function serve({ options, world, tests }: WorkerTask): Promise<void> {
  const said: string[] = []
  const invocation = collecting(options, said)
  const environment = await requireEnvironment(invocation, 'spack concretize')
  const configured = await configuration(invocation)
  const read = specReader(configured)
  const developed = developedSpecs(configured, environment.dir)
  await withConcretizerWorld(invocation, world, async (opened) => {
    const request: EnvironmentRequest = {
      ...{ userSpecs: [], locked: undefined, included: new Map(), unify: false, developed },
      tests: typeof tests === 'boolean' ? tests : new Set(tests),
    }
    const separately = oneByOne(opened, request)
    const solve: Solver = ({ text, where }) =>
      answered(async () => {
        said.length = 0
        const [root] = await separately([{ spec: read(text), origin: { text, where } }])
        return { kind: 'solved', nodes: writeNodes(traverseWithBuildSpecs([root!])), said: [...said] }
      })
    await answerAll(solve)
  })
}

/** Answers requests until the other process goes. */
function answerAll(solve: Solver): Promise<void> {
  return new Promise((end) => {
    process.on('message', (request: WorkerRequest) => void solve(request).then(send))
    process.on('disconnect', end)
    send({ kind: 'ready' })
  })
}

async function answered(work: () => Promise<WorkerAnswer>): Promise<WorkerAnswer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const { code, message, hint, where, detail, exitCode } = error
    return { kind: 'failed', error: { code, message, hint, where, detail, exitCode } }
  }
}

process.once('message', (task: WorkerTask) => {
  void answered(async () => {
    await serve(task)
    return { kind: 'ready' }
  }).then((last) => {
    if (last.kind === 'failed') send(last)
    if (process.connected) process.disconnect()
  })
})
