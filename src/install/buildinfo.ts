// `.spack/binary_distribution`: what an archive says of the store that it was made in, and which of its files must be
// relocated. Format: conformance `buildcache/README.md`, "Archive". Hostile until checked.

import { damaged } from '../archive/tar-reader.ts'
import { type FlowValue, parseFlowYaml } from './flow-yaml.ts'
import { type PrefixMap, prefixMap } from './relocation/prefix-map.ts'

export interface Buildinfo {
  /** Root of the store in which the package was built. */
  root: string
  /** Where `sbang` was, when it is known. */
  sbang: string | undefined
  /** Old prefixes by DAG hash, of the package and of what it may mention. */
  prefixes: ReadonlyMap<string, string>
  /** Paths below the prefix. */
  binaries: readonly string[]
  textFiles: readonly string[]
  links: readonly string[]
}

/** Reads the file. Throws SpackError `archive-damaged`. */
export async function readBuildinfo(text: string): Promise<Buildinfo> {
  const value = await parseBuildinfo(text)
  if (typeof value === 'string' || Array.isArray(value)) throw damaged('`.spack/binary_distribution` is no mapping')
  const root = value.buildpath
  if (root === undefined) throw damaged('`.spack/binary_distribution` does not say where the package was built')
  return {
    root: checkedPath(root),
    sbang: value.sbang_install_path === undefined ? undefined : checkedPath(value.sbang_install_path),
    prefixes: readPrefixes(value),
    binaries: readList(value, 'relocate_binaries'),
    textFiles: readList(value, 'relocate_textfiles'),
    links: readList(value, 'relocate_links'),
  }
}

/** The order matters: sbang, then packages whose new prefix is known, then the root of the store. */
export function relocationMap(
  buildinfo: Buildinfo,
  place: { root: string; sbang: string; prefixOf: (hash: string) => string | undefined },
): PrefixMap {
  const pairs: [string, string][] = []
  if (buildinfo.sbang !== undefined) pairs.push([buildinfo.sbang, place.sbang])
  for (const [hash, old] of buildinfo.prefixes) {
    const prefix = place.prefixOf(hash)
    if (prefix !== undefined) pairs.push([old, prefix])
  }
  pairs.push([buildinfo.root, place.root])
  return prefixMap(pairs)
}

async function parseBuildinfo(text: string): Promise<FlowValue> {
  try {
    return await parseFlowYaml(text)
  } catch (cause) {
    throw damaged('`.spack/binary_distribution` is no YAML', cause)
  }
}

/** Spack 0.19 and older wrote prefix → hash. */
function readPrefixes(value: { [key: string]: FlowValue }): Map<string, string> {
  const isOld = value.hash_to_prefix === undefined
  const mapping = isOld ? value.prefix_to_hash : value.hash_to_prefix
  if (typeof mapping !== 'object' || Array.isArray(mapping)) {
    throw damaged('`.spack/binary_distribution` names no prefixes; it comes from a Spack older than 0.15')
  }
  const entries = Object.entries(mapping).map(([key, item]): [string, string] => {
    const [hash, prefix] = isOld ? [item, key] : [key, item]
    if (typeof hash !== 'string') throw damaged('`.spack/binary_distribution` has a hash that is no text')
    return [hash, checkedPath(prefix)]
  })
  return new Map(entries)
}

function readList(value: { [key: string]: FlowValue }, key: string): string[] {
  const list = value[key] ?? []
  if (!Array.isArray(list)) throw damaged(`\`${key}\` in \`.spack/binary_distribution\` is no list`)
  return list.map((item) => {
    if (typeof item !== 'string')
      throw damaged(`\`${key}\` in \`.spack/binary_distribution\` has an item that is no path`)
    return item
  })
}

/** Old prefixes are searched for in files: one that is too short would be found everywhere. */
function checkedPath(value: FlowValue): string {
  if (typeof value === 'string' && /^\/[^\0-\x1f]*[^\0-\x1f/]$/.test(value)) return value
  throw damaged(`\`.spack/binary_distribution\` has ${JSON.stringify(value)} where an absolute path must be`)
}
