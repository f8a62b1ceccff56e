// Packages that are developed in an environment: all nodes of such a package are built from a folder of the user's.

import type { Configuration } from '../config/configuration.ts'
import { parseSpec } from '../spec/parser.ts'
import { type Spec, setVariant } from '../spec/spec.ts'
import { singleVariant } from '../spec/variant-text.ts'
import { SpackError } from '../ui/error.ts'

/**
 * The specs of a `develop` section, each with its folder as `dev_path`: by default the one named as the package in the
 * environment's. Throws SpackError `spec-syntax`, and `develop-spec` for one of another package.
 */
export function developedSpecs(configuration: Configuration, environmentDir: string): Spec[] {
  return configuration.entries('develop').map(([name, value]) => {
    const { spec: text, path = name } = value as { spec: string; path?: string }
    const spec = parseSpec(text)
    if (spec.name !== name) throw otherPackage(configuration, name, text)
    setVariant(spec, 'dev_path', singleVariant(configuration.substitute(path, environmentDir)))
    return spec
  })
}

function otherPackage(configuration: Configuration, name: string, text: string): SpackError {
  const place = configuration.origin(['develop', name])
  return new SpackError('develop-spec', `\`develop:${name}\` is about \`${text}\`, which is not \`${name}\``, {
    where: place && `${place.file}:${place.line}`,
    hint: `write \`spec: ${name}@VERSION\``,
  })
}
