// Spec files: a concrete spec with all that it depends on, as it stands in prefixes (`.spack/spec.json`), in build caches
// and wherever a file can be named in place of a spec.
//
//   {"spec": {"_meta": {"version": 5}, "nodes": [NODE, …]}}      the first node is the root
//   {"spec": [{NAME: NODE}, …]}                                  format 1
//
// The nodes stand depth first, a node before its dependencies. See Spack's manual, "spec file format".

import { SpackError } from '../ui/error.ts'
import { isObject, type JsonObject, objectMember, parseJson, printJson } from './json.ts'
import { readNodes, type SpecNode, specfileVersion, writeNodes } from './node.ts'
import { checkNode } from './node-checks.ts'
import { modernNodes } from './node-legacy.ts'
import type { DagHash, Spec } from './spec.ts'
import { traverseNodes, traverseWithBuildSpecs } from './traverse.ts'

/** The spec in a JSON text of any format. Throws SpackError `specfile-invalid` or `specfile-version`, or `node-invalid`. */
export function parseSpecJson(text: string): Spec {
  let data: unknown
  try {
    data = parseJson(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid(`the spec file is not JSON: ${error.message}`, error)
  }
  return readSpecData(data)
}

/** As `parseSpecJson`, from YAML. */
export async function parseSpecYaml(text: string): Promise<Spec> {
  const { parseYaml } = await import('./spec-yaml.ts')
  return readSpecData(parseYaml(text))
}

/** The text of a spec file in JSON, as Spack writes it. */
export const printSpecJson = (spec: Spec): string => printJson(describe(spec))

/** The text of a spec file in YAML. */
export async function printSpecYaml(spec: Spec): Promise<string> {
  const { printYaml } = await import('./spec-yaml.ts')
  return printYaml(describe(spec))
}

/**
 * A reader for files that are named in place of specs, for the parser, which cannot wait: YAML is loaded beforehand when a
 * word names such a file. `readText` gives the text of a file, or undefined when there is none; the reader then throws
 * SpackError `no-such-spec-file`.
 */
export async function specFileReader(
  words: readonly string[],
  readText: (path: string) => string | undefined,
): Promise<(path: string) => Spec> {
  const yaml = words.some((word) => word.includes('.yaml')) ? await import('./spec-yaml.ts') : undefined
  return (path) => {
    const text = readText(path)
    if (text === undefined) throw new SpackError('no-such-spec-file', `there is no spec file \`${path}\``)
    try {
      return yaml && path.endsWith('.yaml') ? readSpecData(yaml.parseYaml(text)) : parseSpecJson(text)
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      throw new SpackError(error.code, error.message, { where: path, hint: error.hint, cause: error })
    }
  }
}

const invalid = (message: string, cause?: unknown): SpackError => new SpackError('specfile-invalid', message, { cause })

/** The root of what a spec file holds. */
function readSpecData(data: unknown): Spec {
  const nodes = readSpecNodes(data)
  const root = readNodes(nodes).get(nodes[0]!.hash as DagHash)!
  checkNoCircle(root)
  return root
}

/** Behind all its dependencies a node can only stand if it is none of them. */
function checkNoCircle(root: Spec): void {
  const nodes = traverseNodes([root], { order: 'post' })
  const positions = new Map(nodes.map((node, position) => [node, position]))
  for (const [position, { name, edges }] of nodes.entries()) {
    const last = edges.find(({ child }) => positions.get(child)! >= position)
    if (last) throw invalid(`\`${name}\` depends on \`${last.child.name}\`, which depends on \`${name}\``)
  }
}

/** The nodes of what a spec file holds, in today's format, the root first. Throws as `parseSpecJson`. */
function readSpecNodes(data: unknown): SpecNode[] {
  const spec = isObject(data) ? objectMember(data, 'spec') : undefined
  const format = Array.isArray(spec) ? 1 : readFormat(spec)
  const nodes = Array.isArray(spec) ? spec : objectMember(spec as JsonObject, 'nodes')
  if (!Array.isArray(nodes) || nodes.length === 0) throw invalid('the spec file has no nodes')
  const modern: unknown[] = format < specfileVersion ? modernNodes(nodes, format) : nodes
  return modern.map((node) => {
    checkNode(node)
    return node
  })
}

function readFormat(spec: unknown): number {
  const meta = isObject(spec) ? objectMember(spec, '_meta') : undefined
  const format = isObject(meta) ? Number(objectMember(meta, 'version')) : Number.NaN
  if (!(format >= 1)) throw invalid('the spec file does not say which format it has')
  if (format <= specfileVersion) return format
  throw new SpackError(
    'specfile-version',
    `the spec file has format ${format}; formats up to ${specfileVersion} are known`,
  )
}

function describe(root: Spec): object {
  return { spec: { _meta: { version: specfileVersion }, nodes: writeNodes(traverseWithBuildSpecs([root])) } }
}
