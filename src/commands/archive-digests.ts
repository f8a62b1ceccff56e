// Digests of archives that nobody has checked yet: for recipes that are being written.

import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import pLimit from 'p-limit'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'
import { invocationTransport } from './mirrors.ts'

export interface DigestOptions {
  jobs: number
  /** The first archive is kept in this file. */
  keepFirst?: string
}

/** sha256 by version, in the order of `urls`. What cannot be fetched is said; throws SpackError when nothing can. */
export async function archiveDigests(
  invocation: Invocation,
  name: string,
  urls: readonly (readonly [version: string, url: string])[],
  { jobs, keepFirst }: DigestOptions,
): Promise<Map<string, string>> {
  const transport = await invocationTransport(invocation)
  const limit = pLimit(Math.max(1, jobs))
  const fetchOne = async (version: string, url: string, file?: string): Promise<[string, string] | undefined> => {
    const hash = createHash('sha256')
    const opened = file === undefined ? undefined : openSync(file, 'w')
    try {
      for await (const piece of transport.openStream(url.replace(/#.*$/, ''), {})) {
        hash.update(piece)
        if (opened !== undefined) writeSync(opened, piece)
      }
      return [version, hash.digest('hex')]
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      invocation.say(`==> Warning: ${version}: ${error.message}\n`)
      return undefined
    } finally {
      if (opened !== undefined) closeSync(opened)
    }
  }
  const results = await Promise.all(
    urls.map(([version, url], index) => limit(() => fetchOne(version, url, index === 0 ? keepFirst : undefined))),
  )
  const digests = new Map(results.filter((each) => each !== undefined))
  if (digests.size === 0) {
    throw new SpackError('fetch-failed', `no version of \`${name}\` could be fetched`, {
      hint: 'the warnings above say why',
    })
  }
  return digests
}

/** As they stand in a recipe. */
export const versionLines = (digests: ReadonlyMap<string, string>): string[] =>
  [...digests].map(([version, digest]) => `    version("${version}", sha256="${digest}")`)
