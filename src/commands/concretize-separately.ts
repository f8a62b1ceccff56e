// `unify: false` in several processes: each has a world of its own and takes the next root when it is done with one.

import { type ChildProcess, fork } from 'node:child_process'
import type { Request } from '../concretize/requests.ts'
import type { SolveSeparately } from '../environment/concretize.ts'
import { programs } from '../program.ts'
import { readNodes } from '../spec/node.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './concretize-worker.ts'

/** Opening a world takes as long as solving some roots: a process for fewer is not worth its start. */
const fewestRoots = 6

/** How many processes are worth starting for a number of roots; less than two: none. */
export const worthwhileProcesses = (roots: number, jobs: number): number =>
  Math.min(jobs, Math.floor(roots / fewestRoots))

/** Solves in `count` processes. Throws the error of the first root that has no answer, or `worker` when one breaks down. */
export const inProcesses =
  (task: WorkerTask, count: number, say: (text: string) => void): SolveSeparately =>
  async (requests) => {
    const waiting = [...new Map(requests.map((request) => [printSpec(request.spec), request])).values()]
    const answers = new Map<string, Spec>()
    const solved = (request: Request, { nodes, said }: Extract<WorkerAnswer, { kind: 'solved' }>) => {
      for (const text of said) say(text)
      answers.set(printSpec(request.spec), readNodes(nodes).get(nodes[0]!.hash as DagHash)!)
    }
    const options = { execArgv: [], env: quickStart(process.env) }
    const workers = Array.from({ length: count }, () => fork(programs().concretizeWorker, options))
    try {
      await Promise.all(workers.map((worker) => feed(worker, task, waiting, solved)))
    } finally {
      for (const worker of workers) if (worker.connected) worker.disconnect()
    }
    return requests.map(({ spec }) => answers.get(printSpec(spec))!)
  }

/** Node reads all certificates at its start when it is told of more: what needs them reads them itself. */
const quickStart = ({ NODE_EXTRA_CA_CERTS, ...environ }: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  NODE_EXTRA_CA_CERTS ? { SPACK_EXTRA_CA_CERTS: NODE_EXTRA_CA_CERTS, ...environ } : environ

/** Gives a worker one request after the other, until there are none left. */
function feed(
  worker: ChildProcess,
  task: WorkerTask,
  waiting: Request[],
  solved: (request: Request, answer: Extract<WorkerAnswer, { kind: 'solved' }>) => void,
): Promise<void> {
  return new Promise((done, fail) => {
    let current: Request | undefined
    const next = () => {
      current = waiting.shift()
      if (!current) {
        worker.disconnect()
        return done()
      }
      const { spec, origin } = current
      worker.send({ text: printSpec(spec), where: origin.where } satisfies WorkerRequest)
    }
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.kind === 'failed') return fail(errorOf(answer.error))
      if (answer.kind === 'solved') solved(current!, answer)
      next()
    })
    worker.on('error', fail)
    // Of no effect when all is done.
    worker.on('exit', (code, signal) => fail(brokenDown(current, code, signal)))
    worker.send(task)
  })
}

const errorOf = ({ code, message, ...options }: Extract<WorkerAnswer, { kind: 'failed' }>['error']): SpackError =>
  new SpackError(code, message, options)

function brokenDown(current: Request | undefined, code: number | null, signal: NodeJS.Signals | null): SpackError {
  const what = current ? `\`${printSpec(current.spec)}\`` : 'a root'
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`
  return new SpackError('worker', `the process that concretized ${what} ${how}`, {
    hint: 'see what it said above; `spack concretize -j1` does without further processes',
  })
}
