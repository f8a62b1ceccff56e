// Descriptive manifests of Cray's programming environment: JSON files that say which packages and compilers a system has,
// and what depends on what. The layout is Spack's `schema/cray_manifest.py`:
//
//   specs      [{name, version, arch: {platform, platform_os, target: {name}}, compiler: {name, version}, prefix, hash,
//                dependencies?: {NAME: {hash, type?: [DEPTYPE]}}, parameters?: {VARIANT: value}}]
//   compilers  [{name, version, prefix?, executables: {cc?, cxx?, fc?}, arch: {os, target}}]

import { join } from 'node:path'
import { specOf } from '../recipes/constraint-text.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { constrain } from '../spec/constrain.ts'
import { isObject, type JsonObject, makeObject, objectEntries, objectMember, parseJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import { parseSpec } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import { deptypeBits } from '../spec/spec.ts'
import { nodeTarget } from '../spec/target.ts'
import { compareTexts } from '../spec/text-order.ts'
import { SpackError } from '../ui/error.ts'
import { type DetectedExternal, type DetectionWorld, detectPrograms } from './detect.ts'
import { detectablePackages, recipeOf } from './tagged-packages.ts'

/** Where such manifests are on a Cray. */
export const crayManifestFolder = '/opt/cray/pe/cpe-descriptive-manifest/'

export interface CrayManifest {
  specs: readonly ManifestSpec[]
  compilers: readonly ManifestCompiler[]
}

interface ManifestSpec {
  name: string
  version: string
  arch: { platform: string; os: string; target: string }
  prefix: string
  hash: string
  dependencies: readonly { name: string; hash: string; deptypes: readonly string[] }[]
  parameters: JsonObject
}

interface ManifestCompiler {
  name: string
  version: string
  programs: readonly string[]
  os: string
  target: string
}

/** Reads a manifest. Throws SpackError `cray-manifest` for what is not as it should be, with the place in the file. */
export function readCrayManifest(text: string, file: string): CrayManifest {
  const read = reader(file)
  let document: unknown
  try {
    document = parseJson(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new SpackError('cray-manifest', `the manifest is not JSON: ${error.message}`, { where: file, cause: error })
  }
  const root = read.object(document, 'the manifest')
  const specs = read.list(objectMember(root, 'specs'), 'specs')
  const compilers = read.list(objectMember(root, 'compilers') ?? [], 'compilers')
  return {
    specs: specs.map((each, index) => readSpec(each, `specs[${index}]`, read)),
    compilers: compilers.map((each, index) => readCompiler(each, `compilers[${index}]`, read)),
  }
}

type Reader = ReturnType<typeof reader>

function reader(file: string) {
  const refuse = (at: string, wanted: string): never => {
    throw new SpackError('cray-manifest', `\`${at}\` has to be ${wanted}`, { where: file })
  }
  const object = (value: unknown, at: string): JsonObject => (isObject(value) ? value : refuse(at, 'an object'))
  const list = (value: unknown, at: string): readonly unknown[] => (Array.isArray(value) ? value : refuse(at, 'a list'))
  const text = (holder: JsonObject, key: string, at: string): string => {
    const value = objectMember(holder, key)
    return typeof value === 'string' && value !== '' ? value : refuse(`${at}.${key}`, 'a text')
  }
  return { refuse, object, list, text }
}

function readSpec(value: unknown, at: string, read: Reader): ManifestSpec {
  const entry = read.object(value, at)
  const arch = read.object(objectMember(entry, 'arch'), `${at}.arch`)
  const target = read.object(objectMember(arch, 'target'), `${at}.arch.target`)
  const dependencies = read.object(objectMember(entry, 'dependencies') ?? {}, `${at}.dependencies`)
  const hash = read.text(entry, 'hash', at)
  if (!isHash(hash)) read.refuse(`${at}.hash`, 'a hash: lower-case letters and digits')
  return {
    name: read.text(entry, 'name', at),
    version: read.text(entry, 'version', at),
    arch: {
      // Such systems count as Linux.
      platform: read.text(arch, 'platform', `${at}.arch`).replace(/^cray$/i, 'linux'),
      os: read.text(arch, 'platform_os', `${at}.arch`),
      target: read.text(target, 'name', `${at}.arch.target`),
    },
    prefix: read.text(entry, 'prefix', at),
    hash,
    dependencies: objectEntries(dependencies).map(([name, given]) => {
      const place = `${at}.dependencies.${name}`
      const dependency = read.object(given, place)
      const deptypes = read.list(objectMember(dependency, 'type') ?? ['build', 'link'], `${place}.type`).map(String)
      const unknown = deptypes.find((type) => !Object.hasOwn(deptypeBits, type))
      if (unknown !== undefined) read.refuse(`${place}.type`, `a list of deptypes, which \`${unknown}\` is not`)
      return { name, hash: read.text(dependency, 'hash', place), deptypes }
    }),
    parameters: read.object(objectMember(entry, 'parameters') ?? {}, `${at}.parameters`),
  }
}

const isHash = (text: string): boolean => /^[a-z0-9]{7,64}$/.test(text)

function readCompiler(value: unknown, at: string, read: Reader): ManifestCompiler {
  const entry = read.object(value, at)
  const arch = read.object(objectMember(entry, 'arch'), `${at}.arch`)
  const executables = read.object(objectMember(entry, 'executables'), `${at}.executables`)
  const prefix = objectMember(entry, 'prefix')
  const paths = objectEntries(executables).map(([key]) => read.text(executables, key, `${at}.executables`))
  return {
    name: read.text(entry, 'name', at),
    version: read.text(entry, 'version', at),
    programs: typeof prefix === 'string' ? paths.map((path) => join(prefix, path)) : paths,
    os: read.text(arch, 'os', `${at}.arch`),
    target: read.text(arch, 'target', `${at}.arch`),
  }
}

/** Nodes of the database for the specs of a manifest, by hash, children first; packages without a recipe are left out. */
export function manifestNodes({ specs }: CrayManifest, recipes: RepositoryPath): Map<string, SpecNode> {
  const known = new Map(specs.filter(({ name }) => recipes.find(name)).map((each) => [each.hash, each]))
  const nodes = new Map<string, SpecNode>()
  const above = new Set<string>()
  const add = (spec: ManifestSpec): void => {
    if (nodes.has(spec.hash)) return
    if (above.has(spec.hash)) throw new SpackError('cray-manifest', `\`${spec.name}/${spec.hash}\` depends on itself`)
    above.add(spec.hash)
    for (const { hash } of spec.dependencies) if (known.has(hash)) add(known.get(hash)!)
    above.delete(spec.hash)
    nodes.set(spec.hash, nodeOf(spec, known, recipes))
  }
  for (const spec of known.values()) add(spec)
  return nodes
}

function nodeOf(spec: ManifestSpec, known: ReadonlyMap<string, ManifestSpec>, recipes: RepositoryPath): SpecNode {
  const { name, version, arch, prefix, hash } = spec
  const parameters = parametersOf(spec, recipes)
  const dependencies = spec.dependencies
    .filter((each) => known.has(each.hash))
    .map((each) => ({
      name: known.get(each.hash)!.name,
      hash: each.hash,
      parameters: { deptypes: each.deptypes, virtuals: virtualsOf(name, known.get(each.hash)!, recipes) },
    }))
    .sort((a, b) => compareTexts(a.name, b.name))
  return {
    name,
    version,
    arch: { platform: arch.platform, platform_os: arch.os, target: nodeTarget(arch.target) },
    namespace: recipes.find(name)!.repository.namespace,
    ...(parameters.length > 0 ? { parameters: makeObject(parameters) } : {}),
    external: { path: prefix, module: null, extra_attributes: {} },
    ...(dependencies.length > 0 ? { dependencies } : {}),
    annotations: { original_specfile_version: 5 },
    hash,
  }
}

/** The values of variants that the recipe has; others mean something to Cray only. */
function parametersOf({ name, parameters }: ManifestSpec, recipes: RepositoryPath): [string, unknown][] {
  const declared = new Set(recipeOf(recipes, name)?.variants.map((variant) => variant.name))
  const values = objectEntries(parameters).filter(([variant]) => declared.has(variant))
  return values
    .map(([variant, value]): [string, unknown] => {
      if (typeof value === 'boolean' || typeof value === 'string') return [variant, value]
      if (Array.isArray(value)) return [variant, value.map(String).sort()]
      throw new SpackError('cray-manifest', `the variant \`${variant}\` of \`${name}\` has no value that can be read`)
    })
    .sort(([a], [b]) => compareTexts(a, b))
}

/** The virtuals that a package needs and another provides. */
function virtualsOf(parent: string, child: ManifestSpec, recipes: RepositoryPath): string[] {
  const wanted = new Set(
    recipeOf(recipes, parent)?.dependencies.flatMap(({ spec, virtual }) => (virtual ? [specOf(spec).name] : [])),
  )
  const self = parseSpec(`${child.name}@=${child.version}`)
  const provided = recipeOf(recipes, child.name)?.provides.filter(({ when }) => satisfies(self, specOf(when))) ?? []
  const names = new Set(provided.map(({ spec }) => specOf(spec).name ?? ''))
  return [...names].filter((name) => wanted.has(name)).sort(compareTexts)
}

/** Names of compilers in manifests that are packages of other names. */
const compilerPackages: Readonly<Record<string, string>> = { nvidia: 'nvhpc', rocm: 'llvm-amdgpu', clang: 'llvm' }

/** The compilers of a manifest, as they tell of themselves when they are asked, with what could not be found. */
export async function manifestCompilers(
  { compilers }: CrayManifest,
  recipes: RepositoryPath,
  world: DetectionWorld,
): Promise<{ found: Map<string, DetectedExternal[]>; warnings: string[] }> {
  const found = new Map<string, DetectedExternal[]>()
  const warnings: string[] = []
  const known = new Map(detectablePackages(recipes, 'compiler').map((each) => [each.name, each]))
  for (const compiler of compilers) {
    const target = known.get(compilerPackages[compiler.name] ?? compiler.name)
    if (!target) {
      warnings.push(`\`${compiler.name}\` in the manifest is not a known compiler`)
      continue
    }
    const detection = await detectPrograms(target, compiler.programs, recipes, world)
    const [only, ...more] = detection.found.get(target.name) ?? []
    warnings.push(...detection.warnings)
    if (!only || more.length > 0) {
      const programs = compiler.programs.join(', ')
      const count = only ? 'several compilers' : 'no compiler'
      warnings.push(`\`${compiler.name}@${compiler.version}\` of the manifest: ${count} in ${programs}`)
      continue
    }
    constrain(only.spec, parseSpec(`platform=linux os=${compiler.os} target=${compiler.target}`))
    found.set(target.name, [...(found.get(target.name) ?? []), only])
  }
  return { found, warnings }
}
