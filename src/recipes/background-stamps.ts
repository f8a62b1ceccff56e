// Whether an index is current, found out while something else is done: to look at 11,000 files takes a third of the time
// in which most specs are concretized.

import { availableParallelism } from 'node:os'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import { programs } from '../program.ts'
import { type IndexedFolders, isCurrent } from './index-stamps.ts'
import type { StampsQuestion } from './stamps-thread.ts'

interface Waiting {
  question: StampsQuestion
  answer: (isCurrent: boolean) => void
}

let thread: Worker | undefined
const waiting: Waiting[] = []

/**
 * Starts the thread that looks. It takes 30 ms until it can: whoever will ask starts it before loading other code. With one
 * processor there is none.
 */
export function startStampsThread(): void {
  if (thread || availableParallelism() < 2) return
  thread = new Worker(programs().stampsThread, { env: SHARE_ENV, execArgv: [] })
  thread.on('message', (isSo: boolean) => {
    waiting.shift()!.answer(isSo)
    if (waiting.length === 0) thread!.unref()
  })
  // A thread that cannot be had, for want of memory: then it is looked here.
  thread.on('error', () => {
    for (const { question, answer } of waiting.splice(0)) answer(isCurrent(question.folder, question.repository))
    thread = undefined
  })
  // It shall not keep a program from ending that has nothing to ask any more.
  thread.unref()
}

/** As `isCurrent`, by and by. */
export function willBeCurrent(folder: string, { root, packages }: IndexedFolders): Promise<boolean> {
  startStampsThread()
  const question = { folder, repository: { root, packages } }
  if (!thread) return Promise.resolve(isCurrent(folder, question.repository))
  return new Promise((answer) => {
    waiting.push({ question, answer })
    thread!.ref()
    thread!.postMessage(question)
  })
}
