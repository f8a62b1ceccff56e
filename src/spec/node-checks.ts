// Whether something that was read from a file has the shape of a node. By hand: a schema library would take longer to load
// than a file of 800 nodes takes to read.

import { SpackError } from '../ui/error.ts'
import { isObject, type JsonObject, objectMember } from './json.ts'
import type { SpecNode } from './node.ts'

const member = (value: unknown, name: string): unknown => (isObject(value) ? objectMember(value, name) : undefined)

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText)
const isTextOrNull: Check = (value) => value === null || typeof value === 'string'
const isReference: Check = (value) => isText(member(value, 'name')) && isText(member(value, 'hash'))

const isArch: Check = (value) => {
  const target = member(value, 'target')
  return (
    isTextOrNull(member(value, 'platform')) &&
    isTextOrNull(member(value, 'platform_os')) &&
    (isTextOrNull(target) || isText(member(target, 'name')))
  )
}

const isExternal: Check = (value) => {
  if (value === null) return true
  const [path, module, attributes] = ['path', 'module', 'extra_attributes'].map((name) => member(value, name) ?? null)
  const isModule = module === null || module === false || isTextList(module)
  return isObject(value) && isTextOrNull(path) && isModule && (attributes === null || isObject(attributes))
}

const isDependency: Check = (value) => {
  const parameters = member(value, 'parameters')
  const direct = member(parameters, 'direct')
  const isDirect = direct === undefined || typeof direct === 'boolean'
  return (
    isReference(value) &&
    isTextList(member(parameters, 'deptypes')) &&
    isTextList(member(parameters, 'virtuals')) &&
    isDirect
  )
}

const isAnnotations: Check = (value) => {
  const compiler = member(value, 'compiler')
  return typeof member(value, 'original_specfile_version') === 'number' && (compiler === undefined || isText(compiler))
}

/** What each member has to be, where it is there. */
const memberChecks: readonly (readonly [member: keyof SpecNode, check: Check, type: string])[] = [
  ['name', isText, 'a text'],
  ['version', isText, 'a text'],
  ['versions', isTextList, 'a list of texts'],
  ['arch', isArch, 'an object with platform, platform_os and target'],
  ['namespace', isTextOrNull, 'a text'],
  ['parameters', isObject, 'an object'],
  ['propagate', isTextList, 'a list of texts'],
  ['abstract', isTextList, 'a list of texts'],
  ['external', isExternal, 'an object with path, module and extra_attributes'],
  ['concrete', (value) => typeof value === 'boolean', 'true or false'],
  ['patches', isTextList, 'a list of texts'],
  ['package_hash', isText, 'a text'],
  [
    'dependencies',
    (value) => Array.isArray(value) && value.every(isDependency),
    'a list of names, hashes, deptypes and virtuals',
  ],
  ['build_spec', isReference, 'an object with name and hash'],
  ['annotations', isAnnotations, 'an object with original_specfile_version'],
  ['hash', isText, 'a text'],
]

/** Throws SpackError `node-invalid` unless `value` has the shape of a node in format 5 with its name and hash. */
export function checkNode(value: unknown): asserts value is SpecNode {
  if (!isObject(value)) throw new SpackError('node-invalid', 'a node has to be an object')
  const name = String(objectMember(value, 'name'))
  for (const required of ['name', 'hash']) {
    if (objectMember(value, required) === undefined) throw invalid(name, `has no ${required}`)
  }
  for (const [key, check, type] of memberChecks) {
    const found = objectMember(value as JsonObject, key)
    if (found !== undefined && !check(found)) throw invalid(name, `has a \`${key}\` that is not ${type}`)
  }
}

const invalid = (name: string, problem: string): SpackError =>
  new SpackError('node-invalid', `the node \`${name}\` ${problem}`)
