// How users write specs, on command lines and in manifests.

import type { Configuration } from '../config/configuration.ts'
import { detectHost } from '../config/host.ts'
import { type ParseOptions, parseSpec } from '../spec/parser.ts'
import type { Spec } from '../spec/spec.ts'
import type { Toolchains } from '../spec/toolchain.ts'

/** With the toolchains of the configuration, and this machine for `target=default_target` and the like. */
export const parseOptions = (configuration: Configuration): ParseOptions => ({
  toolchains: configuration.section('toolchains') as Toolchains,
  host: thisHost,
})

/** Reads a spec that a user wrote. Throws as `parseSpec`. */
export function specReader(configuration: Configuration): (text: string) => Spec {
  const options = parseOptions(configuration)
  return (text) => parseSpec(text, options)
}

/** Looked at when it is asked. */
const thisHost: NonNullable<ParseOptions['host']> = {
  get platform() {
    return detectHost().platform
  },
  get os() {
    return detectHost().os
  },
  get target() {
    return detectHost().target
  },
}
