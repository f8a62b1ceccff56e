// What staging needs of the world outside.

import type { Transport } from '../buildcache/transport.ts'

export interface StageWorld {
  environ: NodeJS.ProcessEnv
  transport: Transport
  /** One line about what is going on. */
  say: (line: string) => void
  /** One line about what everybody should know. */
  warn: (line: string) => void
  /** How far a download is, now and then; the size is told where it is known. */
  progress?: (state: DownloadState) => void
  /** `config:verify_ssl`, for programs that fetch by themselves. Default: yes. */
  verifyTls?: boolean
  /** Whether locks are taken; `config:locks`. Default: yes. */
  useLocks?: boolean
  /** How long a stage is waited for in which somebody works; `config:package_lock_timeout`, a minute when it is not set. */
  lockTimeoutMs?: number
  /** Waits for a lock while the job slot is lent to others. */
  withoutSlot?: <Result>(wait: () => Promise<Result>) => Promise<Result>
}

export interface DownloadState {
  url: string
  receivedBytes: number
  sizeBytes: number | undefined
  isOver: boolean
}
