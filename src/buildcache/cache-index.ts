// What a build cache's index says: which specs are in the cache, with all that they depend on. The index is a database like
// that of a store, whose records also have `in_buildcache`.

import type { SpecNode } from '../spec/node.ts'
import { type Database, parseDatabase } from '../store/database.ts'
import { inCurrentFormat } from '../store/old-format.ts'
import { SpackError } from '../ui/error.ts'
import { isRecord } from './manifest.ts'

export interface IndexEntry {
  /** In the present format, with its hash. */
  node: SpecNode
  /** Others are there because something in the cache depends on them. */
  isInCache: boolean
}

/** An index, of which nothing is looked at yet. `where` names it. Throws SpackError `index-broken` or `index-version`. */
export function readCacheDatabase(text: string, where: string): Database {
  try {
    return inCurrentFormat(parseDatabase(text, where))
  } catch (error) {
    throw described(error, where)
  }
}

/** All records of an index. `where` names it. Throws SpackError `index-broken` or `index-version`. */
export function readCacheIndex(text: string, where: string): IndexEntry[] {
  try {
    const database = inCurrentFormat(parseDatabase(text, where))
    return database.hashes().map((hash) => {
      const record: unknown = JSON.parse(database.recordText(hash))
      const { spec, in_buildcache: isInCache } = isRecord(record) ? record : {}
      if (!isRecord(spec) || typeof spec.name !== 'string') throw new SyntaxError(`/${hash.slice(0, 7)} has no spec`)
      return { node: { ...spec, hash } as unknown as SpecNode, isInCache: isInCache === true }
    })
  } catch (error) {
    throw described(error, where)
  }
}

function described(error: unknown, where: string): unknown {
  if (error instanceof SyntaxError) {
    return new SpackError('index-broken', `the index \`${where}\` is broken: ${error.message}`, { cause: error })
  }
  if (!(error instanceof SpackError)) return error
  const isVersion = error.code === 'database-newer' || error.code === 'database-older'
  return new SpackError(isVersion ? 'index-version' : 'index-broken', error.message, { cause: error })
}
