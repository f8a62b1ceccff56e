// The first acceptable binary, of whose archive nothing is fetched, or why there is none.

import {
  type Binary,
  type BinaryPolicy,
  type BinaryRequest,
  type Refusal,
  tryBinaries,
} from '../../src/buildcache/binary.ts'
import type { Mirror } from '../../src/buildcache/mirror.ts'

export type BinaryAnswer = { kind: 'found'; binary: Binary } | { kind: 'refused'; refusals: readonly Refusal[] }

export async function findBinary(
  mirrors: readonly Mirror[],
  request: BinaryRequest,
  policy: BinaryPolicy,
): Promise<BinaryAnswer> {
  const answer = await tryBinaries(mirrors, request, policy, async (binary) => binary)
  return answer.kind === 'used' ? { kind: 'found', binary: answer.value } : answer
}
