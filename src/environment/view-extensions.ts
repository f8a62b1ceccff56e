// A package that extends another (a Python module extends python) is placed where that one is placed. Which package that
// is stands in its recipe, a copy of which lies in the metadata of every prefix that was built from source.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { objectMember } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import { dependenciesBy, runtimeDeptypes } from '../spec/node-dependencies.ts'
import type { DagHash } from '../spec/spec.ts'
import { metadataDir } from '../store/prefix-metadata.ts'
import { systemErrorCode } from '../ui/error.ts'

/** What packages of a build system, or of a class of recipes, extend. */
const extendeesOf: Readonly<Record<string, readonly string[]>> = {
  python_pip: ['python'],
  sip: ['python'],
  perl: ['perl'],
  r: ['r'],
  ruby: ['ruby'],
  lua: ['lua', 'lua-luajit', 'lua-luajit-openresty'],
  octave: ['octave'],
  racket: ['racket'],
  AspellDictPackage: ['aspell'],
}

/** The package that `node` extends, by hash, among what it needs to link and run; undefined when it extends none. */
export function findExtendee(node: SpecNode, prefix: string): DagHash | undefined {
  const candidates = dependenciesBy(node, runtimeDeptypes)
  if (candidates.length === 0) return undefined
  const buildSystem = String(objectMember(node.parameters, 'build_system'))
  const names = [...(extendeesOf[buildSystem] ?? []), ...recipeExtendees(node.name, prefix)]
  return candidates.find(({ name }) => names.includes(name))?.hash as DagHash | undefined
}

/** Names of packages that the recipe kept in a prefix says it extends, whatever the condition. */
function recipeExtendees(name: string, prefix: string): string[] {
  const recipe = keptRecipe(prefix, name)
  const directives = [...recipe.matchAll(/^[ \t]*extends\(\s*["']([A-Za-z0-9_][\w-]*)/gm)].map((match) => match[1]!)
  const bases = [...recipe.matchAll(/^class\s+\w+\(([^)]*)\)/gm)].flatMap((match) => match[1]!.split(/[\s,]+/))
  return [...directives, ...bases.flatMap((base) => extendeesOf[base] ?? [])]
}

/** The recipe that a prefix was built with; empty when it has none. */
export const keptRecipe = (prefix: string, name: string): string =>
  readKeptRecipe(join(prefix, metadataDir, 'repos'), name)

/** The text of `…/packages/NAME/package.py` below the kept repositories; empty when there is none. */
function readKeptRecipe(folder: string, name: string): string {
  for (const entry of listFolder(folder)) {
    if (!entry.isDirectory()) continue
    const inner = join(folder, entry.name)
    if (entry.name !== 'packages') {
      const found = readKeptRecipe(inner, name)
      if (found) return found
      continue
    }
    const own = listFolder(inner).find((recipe) => packageName(recipe.name) === name)
    if (own) return readFileSync(join(inner, own.name, 'package.py'), 'utf8')
  }
  return ''
}

/** Folders of recipes are Python modules since package API 2: `_7zip` holds `7zip`, `py_numpy` holds `py-numpy`. */
const packageName = (folder: string): string => folder.replaceAll('_', '-').replace(/^-(?=\d)/, '')

function listFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}
