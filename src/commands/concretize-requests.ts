// The seam to the concretizer for commands that take abstract specs.

import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

/** Concrete specs for abstract ones. Throws SpackError `needs-concretizer`. */
export async function concretizeRequests(_invocation: Invocation, specs: readonly Spec[]): Promise<Spec[]> {
  const names = specs.map((spec) => `\`${printSpec(spec)}\``).join(', ')
  throw new SpackError('needs-concretizer', `${names} must be concretized, which is not possible here yet`, {
    hint: 'concretize an environment with Spack and name it (`spack -e DIR …`), or give a hash (`/abcdefg`) or a `spec.json`',
  })
}
