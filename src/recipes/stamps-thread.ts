// A thread of its own that looks whether indexes are current, one after the other, as it is asked.

import { parentPort } from 'node:worker_threads'
import { type IndexedFolders, isCurrent } from './index-stamps.ts'

export interface StampsQuestion {
  folder: string
  repository: IndexedFolders
}

parentPort!.on('message', ({ folder, repository }: StampsQuestion) => {
  parentPort!.postMessage(isCurrent(folder, repository))
})
