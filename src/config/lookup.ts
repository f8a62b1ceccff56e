// What settings may refer to and what takes a moment to find out: the machine, and a hash. Imported on demand.

import { sha1Of } from '../digest.ts'
import { knownTarget } from '../spec/target.ts'
import { detectHost } from './host.ts'
import type { SpackPaths } from './paths.ts'
import type { HostVariables } from './substitution.ts'

/** Looks at the machine. */
export function lookUpHost({ root }: SpackPaths): HostVariables {
  const host = detectHost()
  return { ...host, targetFamily: knownTarget(host.target)?.family ?? host.target, instanceId: instanceId(root) }
}

/** Tells roots with one user cache apart, as Spack does: the first seven letters of the base32 (RFC 4648, lower case) of the SHA-1 of a path. */
function instanceId(root: string): string {
  const digest = sha1Of(root)
  const bits = digest.readUIntBE(0, 5).toString(2).padStart(40, '0').slice(0, 35)
  return bits.replace(/.{5}/g, (five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five, 2)]!)
}
