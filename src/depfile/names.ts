// Names of targets, files and variables in a depfile. They follow Spack's: PREFIX/env, PREFIX/install/NAME-VERSION-HASH,
// and PREFIX/.install/HASH as in Spack 0.18.

import { join } from 'node:path'
import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'

export interface TargetNames {
  /** Where targets and their stamps lie: a folder, absolute or relative to where make runs; '' is that place itself. */
  readonly prefix: string
  /** Short phony names are given to targets that lie under the environment's own folder. */
  readonly hasShortNames: boolean
  /** A path below the prefix. */
  readonly below: (name: string) => string
  readonly all: string
  readonly clean: string
  readonly env: string
  /** Everything that the roots need, without the roots. */
  readonly envDeps: string
  readonly dirs: string
  /** Real once everything in the depfile is installed and recorded. */
  readonly recorded: string
  /** Never made: what needs it is always remade. */
  readonly missing: string
  readonly install: (hash: DagHash) => string
  readonly installDeps: (hash: DagHash) => string
  readonly installId: (id: string) => string
  readonly installDepsId: (id: string) => string
  /** The variable with all package ids. */
  readonly idsVariable: string
  /** In front of all other variables, so that two depfiles can be included in one Makefile. */
  readonly variablePrefix: string
}

/** Folders of stamps below the prefix, and which list names the files in them. */
export const stampFolders = [
  { folder: '.install', by: 'hash' },
  { folder: '.install-deps', by: 'hash' },
  { folder: 'install', by: 'id' },
  { folder: 'install-deps', by: 'id' },
] as const

/** Below the prefix, too: by hash, marks of the specs whose prefix was seen in the store. */
export const markFolder = '.prefix'

/** Where stamps lie in an environment unless something else is asked for. */
export const defaultStampFolder = join('.spack-env', 'makedeps')

/**
 * The names in the depfile of the environment in `environmentDir`. Without `prefix` targets lie in the environment's own
 * folder. Throws SpackError `depfile-name` when make could not read targets with that prefix.
 */
export function targetNames(environmentDir: string, prefix?: string): TargetNames {
  const folder = prefix ?? join(environmentDir, defaultStampFolder)
  refuseUnspeakable(folder, prefix !== undefined)
  const below = (name: string) => (folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`)
  // `all` and `clean` below an absolute path would be nothing to type.
  const goal = (name: string) => (folder.startsWith('/') ? name : below(name))
  return {
    prefix: folder,
    hasShortNames: prefix === undefined,
    below,
    all: goal('all'),
    clean: goal('clean'),
    env: below('env'),
    envDeps: below('env-deps'),
    dirs: below('dirs'),
    recorded: below('.recorded'),
    missing: below('.missing'),
    install: (hash) => below(`.install/${hash}`),
    installDeps: (hash) => below(`.install-deps/${hash}`),
    installId: (id) => below(`install/${id}`),
    installDepsId: (id) => below(`install-deps/${id}`),
    idsVariable: prefix === undefined ? 'SPACK_PACKAGE_IDS' : variableName(below('SPACK_PACKAGE_IDS')),
    variablePrefix: `spack-${fingerprint(`${environmentDir}\0${folder}`)}`,
  }
}

type Fault = readonly [pattern: RegExp, name: string]

/** What no line of a Makefile can hold, or `$(wildcard)` cannot look for. */
const unwritable: readonly Fault[] = [
  [/[\u0000-\u001f\u007f]/, 'a control character'],
  [/\\ /, 'a backslash before a blank'],
]

/** GNU Make has no quoting for these in a target (tried with 4.0, 4.2.1, 4.3 and 4.4.1), or reads a pattern in them. */
const unspeakable: readonly Fault[] = [
  ...unwritable,
  [/=/, '`=`'],
  [/;/, '`;`'],
  [/\|/, '`|`'],
  [/[*?[]/, 'one of `*?[`'],
  [/^~/, '`~` at its start'],
  [/^[^/]*%|^[^/].*%/, '`%`, without being absolute'],
]

const faultOf = (path: string, faults: readonly Fault[]): string | undefined =>
  faults.find(([pattern]) => pattern.test(path))?.[1]

function refuseUnspeakable(folder: string, isChosen: boolean): void {
  const fault = faultOf(folder, unspeakable)
  if (!fault) return
  const message = `GNU Make cannot name targets below \`${printable(folder)}\`: it has ${fault}`
  const hint = isChosen
    ? 'choose another `--make-prefix`'
    : 'choose where targets lie, for instance with `--make-prefix spack`'
  throw new SpackError('depfile-name', message, { hint })
}

/** Throws SpackError `depfile-name` for a path that make can neither pass on nor look for. */
export function refuseUnwritable(path: string): void {
  const fault = faultOf(path, unwritable)
  if (!fault) return
  throw new SpackError('depfile-name', `a Makefile cannot hold the path \`${printable(path)}\`: it has ${fault}`, {
    hint: 'rename that folder',
  })
}

/** A text whose control characters are shown as escapes. */
export function printable(text: string): string {
  if (!/[\u0000-\u001f\u007f]/.test(text)) return text
  const quoted = JSON.stringify(text).slice(1, -1)
  return quoted.replaceAll('\\"', '"').replaceAll('\\\\', '\\')
}

const variableName = (text: string): string => text.replace(/[^A-Za-z0-9_./+-]/g, '_')

/** FNV-1a, 32 bits: short and the same for the same environment and prefix. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
