// How many processes work at once.

import { availableParallelism } from 'node:os'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

/** `config:build_jobs`, but not more than there are processors. */
export async function configuredJobs(invocation: Invocation): Promise<number> {
  const jobs = (await configuration(invocation)).get('config:build_jobs')
  return Math.max(1, Math.min(typeof jobs === 'number' ? jobs : 16, availableParallelism()))
}
