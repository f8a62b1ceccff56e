// Spec files in YAML, as old prefixes and CI jobs have them. Loads the `yaml` package: imported on demand.

import { parseDocument, type ScalarTag, stringify, type Tags } from 'yaml'
import { SpackError } from '../ui/error.ts'
import { checkDepth, isObject, makeObject, NumberText, objectEntries, readNumber } from './json.ts'

/** The value of a YAML text, in the form that `parseJson` gives. Throws SpackError `specfile-invalid` or `json-depth`. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: withSpelling, logLevel: 'silent' })
  const [error] = document.errors
  if (error) throw invalid(error)
  try {
    // Spack writes no aliases, and an alias to what it stands in has no end.
    return fromMaps(document.toJS({ mapAsMap: true, maxAliasCount: 0 }), 0)
  } catch (error) {
    throw error instanceof ReferenceError ? invalid(error) : error
  }
}

const invalid = (cause: Error): SpackError =>
  new SpackError('specfile-invalid', `the spec file is not YAML that can be read: ${cause.message}`, { cause })

/** The text of a value, lists and objects in block style. */
export function printYaml(value: unknown): string {
  return stringify(toMaps(value), { customTags: withSpelling, indentSeq: false, singleQuote: true, lineWidth: 0 })
}

const floatTag = 'tag:yaml.org,2002:float'

const spelledNumber: ScalarTag = {
  tag: floatTag,
  identify: (value) => value instanceof NumberText,
  resolve: readNumber,
  test: /^[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?$/,
  stringify: ({ value }) => (value as NumberText).text,
}

/** The tags of YAML, save that floats keep their spelling. */
const withSpelling = (tags: Tags): Tags => [spelledNumber, ...tags]

function fromMaps(value: unknown, depth: number): unknown {
  if (typeof value !== 'object') return value
  checkDepth(depth)
  if (Array.isArray(value)) return value.map((item) => fromMaps(item, depth + 1))
  if (!(value instanceof Map)) return value
  return makeObject([...value].map(([name, member]) => [String(name), fromMaps(member, depth + 1)]))
}

function toMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMaps)
  if (!isObject(value)) return value
  return new Map(objectEntries(value).map(([name, member]) => [name, toMaps(member)]))
}
