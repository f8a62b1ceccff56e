// What an asynchronous call that must fail fails with.

import * as assert from 'uvu/assert'
import { SpackError } from '../../src/ui/error.ts'

/** The SpackError, with `code` where it is given, that `promise` rejects with; anything else fails the test. */
export async function rejection(promise: Promise<unknown>, code?: string): Promise<SpackError> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    if (code !== undefined) assert.is(error.code, code, error.message)
    return error
  }
  return assert.unreachable(`expected an error${code === undefined ? '' : ` \`${code}\``}`) as never
}
