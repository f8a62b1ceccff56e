// How the programs of a build join the jobserver. Make before 4.4 and GCC's LTO know inherited descriptors only, ninja 1.13
// knows a path only. Make 4.3 ends with an error when it is told of a path, ninja runs as many jobs as it likes when it is
// told of descriptors.

import type { JoinStyle } from '../depfile/jobserver.ts'
import { parseSpec } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'

export function joinStyle(spec: Spec): JoinStyle {
  const uses = (name: string, versions: string): boolean =>
    spec.edges.some(({ child }) => child.name === name && satisfies(child, parseSpec(versions)))
  return uses('ninja', '@1.13:') && !uses('gmake', '@:4.3') ? 'fifo' : 'pipe'
}
