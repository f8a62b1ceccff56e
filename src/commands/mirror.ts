// `spack mirror`: the mirrors in the configuration.

import { dirname, resolve } from 'node:path'
import { isUrl, locate, shownUrl, supportedSchemes } from '../buildcache/location.ts'
import type { Mirror, MirrorEntry } from '../buildcache/mirror.ts'
import { changedEntry, newEntry } from '../buildcache/mirror-entry.ts'
import type { Configuration } from '../config/configuration.ts'
import { editableScope, editSection } from '../config/edit.ts'
import { type ConfigMap, type ConfigValue, emptyMap, makeNode, plainValue } from '../config/node.ts'
import { type Scope, sectionFile } from '../config/scope.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import {
  changesByFlags,
  connectionFlags,
  directionByFlags,
  directionFlags,
  scopeFlag,
  signedFlags,
  text,
  typeFlag,
} from './mirror-flags.ts'
import { configuredMirrors } from './mirrors.ts'
import { exactWords } from './words.ts'

const add: Command = {
  name: 'add',
  summary: 'add a mirror to Spack',
  positional: 'mirror url',
  flags: [
    scopeFlag,
    typeFlag,
    { name: 'autopush', help: 'set mirror to push automatically after installation' },
    ...signedFlags,
    { name: 'name', short: 'n', kind: 'string', value: 'VIEW', help: 'name of the index view for a binary mirror' },
    ...connectionFlags,
  ],
  run: async (invocation, args) => {
    const [name, url] = exactWords(args, 'spack mirror add', 'mirror', 'url')
    checkName(name!)
    const settings = await configuration(invocation)
    const scope = editableScope(settings, flagText(args, 'scope'))
    const stored = storedUrl(invocation, scope, url!)
    const entry = newEntry({ url: stored, ...changesByFlags(args, undefined), view: flagText(args, 'name') })
    await editMirrors(scope, (mirrors) => {
      if (mirrors.entries.has(name!)) {
        throw new SpackError('mirror-exists', `there is a mirror \`${name}\` already in scope \`${scope.name}\``, {
          hint: `to change it: \`spack mirror set-url ${name} URL\` or \`spack mirror set ${name}\``,
        })
      }
      const others = [...mirrors.entries]
      mirrors.entries.clear()
      // In front: a mirror that was added later is asked earlier.
      putEntry(mirrors, name!, entry)
      for (const [key, entry] of others) mirrors.entries.set(key, entry)
    })
    warnUnreadable(invocation, url!)
    return 0
  },
}

const remove: Command = {
  name: 'remove',
  aliases: ['rm'],
  summary: 'remove a mirror by name',
  positional: 'mirror',
  flags: [
    scopeFlag,
    { name: 'all-scopes', help: 'remove from all config scopes (default: highest scope with matching mirror)' },
  ],
  run: async (invocation, args) => {
    const [name] = exactWords(args, 'spack mirror remove', 'mirror')
    const settings = await configuration(invocation)
    const given = flagText(args, 'scope')
    const only = given === undefined ? undefined : editableScope(settings, given)
    const having = (only ? [only] : settings.scopes.toReversed()).filter(
      (scope) => scope.isWritable && entryIn(settings, scope, name!) !== undefined,
    )
    if (having.length === 0) throw notFound(settings, name!, only)
    for (const scope of flagOn(args, 'all-scopes') ? having : having.slice(0, 1)) {
      await editMirrors(scope, (mirrors) => mirrors.entries.delete(name!))
      invocation.say(`==> removed mirror \`${name}\` from scope \`${scope.name}\`\n`)
    }
    return 0
  },
}

const setUrl: Command = {
  name: 'set-url',
  summary: 'change the URL of a mirror',
  positional: 'mirror url',
  flags: [...directionFlags, scopeFlag, ...connectionFlags],
  run: async (invocation, args) => {
    const [name, url] = exactWords(args, 'spack mirror set-url', 'mirror', 'url')
    await changeMirror(invocation, args, name!, url!)
    warnUnreadable(invocation, url!)
    return 0
  },
}

const set: Command = {
  name: 'set',
  summary: 'configure the connection details of a mirror',
  positional: 'mirror',
  flags: [
    ...directionFlags,
    typeFlag,
    text('url', 'url of the mirror directory'),
    { name: 'autopush', help: 'set mirror to push automatically after installation' },
    { name: 'no-autopush', help: 'set mirror to not push automatically after installation' },
    ...signedFlags,
    scopeFlag,
    ...connectionFlags,
  ],
  run: async (invocation, args) => {
    const [name] = exactWords(args, 'spack mirror set', 'mirror')
    const url = flagText(args, 'url')
    await changeMirror(invocation, args, name!, url)
    if (url) warnUnreadable(invocation, url)
    return 0
  },
}

/** Changes the entry of a mirror in one scope; `url` and the flags say how. */
async function changeMirror(invocation: Invocation, args: Arguments, name: string, url?: string): Promise<void> {
  const settings = await configuration(invocation)
  const scope = editableScope(settings, flagText(args, 'scope'))
  const entry = entryIn(settings, scope, name)
  if (entry === undefined) throw notFound(settings, name, scope)
  const stored = url === undefined ? undefined : storedUrl(invocation, scope, url)
  const fresh = changedEntry(entry, { url: stored, ...changesByFlags(args, entry) }, directionByFlags(args))
  if (fresh === undefined) invocation.say(`==> No changes made to mirror ${name}.\n`)
  else await editMirrors(scope, (mirrors) => putEntry(mirrors, name, fresh))
}

const list: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'print out available mirrors to the console',
  flags: [{ ...scopeFlag, help: 'configuration scope to read from' }],
  run: async (invocation, args) => {
    const settings = await configuration(invocation)
    const scope = flagText(args, 'scope')
    const mirrors = configuredMirrors(settings, scope === undefined ? undefined : settings.scope(scope))
    const width = Math.max(0, ...mirrors.map(({ name }) => name.length))
    for (const mirror of mirrors) invocation.print(`${mirror.name.padEnd(width)} ${mirrorText(mirror)}\n`)
    if (mirrors.length === 0) invocation.say('==> No mirrors configured.\n')
    return 0
  },
}

/** `[sb] URL`: whether it holds sources and binaries, and where it is; without passwords. */
function mirrorText({ contents, fetchUrl, pushUrl }: Mirror): string {
  const [source, binary] = [contents.includes('source') ? 's' : ' ', contents.includes('binary') ? 'b' : ' ']
  const [fetch, push] = [shownUrl(fetchUrl), pushUrl && shownUrl(pushUrl)]
  return `[${source}${binary}] ${fetch === push || !push ? fetch : `fetch: ${fetch} push: ${push}`}`
}

const unavailable = (name: string, reason: string): Command => ({
  name,
  summary: `not available: ${reason}`,
  takesAnything: true,
  run: () => {
    throw new SpackError('not-available', `\`spack mirror ${name}\` is not available`, { hint: reason })
  },
})

export const mirror: Command = {
  name: 'mirror',
  summary: 'manage mirrors (source and binary)',
  subcommands: [
    {
      name: 'create',
      summary: 'create a directory to be used as a spack mirror, and fill it with package archives',
      load: async () => (await import('./mirror-create.ts')).mirrorCreate,
    },
    unavailable('destroy', 'remove the folder of the mirror by hand'),
    add,
    remove,
    setUrl,
    set,
    list,
  ],
}

/** The entry of a mirror in one scope. */
function entryIn(settings: Configuration, scope: Scope, name: string): MirrorEntry | undefined {
  const section = settings.sectionNode('mirrors', scope)
  const entry = section?.kind === 'map' ? section.entries.get(name) : undefined
  return entry && (plainValue(entry.value) as MirrorEntry)
}

const editMirrors = (scope: Scope, change: (mirrors: ConfigMap) => void): Promise<string> =>
  editSection(scope, 'mirrors', (sections) => {
    const mark = { file: sectionFile(scope, 'mirrors') ?? '', line: 0 }
    const old = sections.entries.get('mirrors')
    const mirrors = old?.value.kind === 'map' ? old.value : emptyMap(mark)
    change(mirrors)
    sections.entries.set('mirrors', { key: 'mirrors', strategy: old?.strategy ?? 'merge', mark, value: mirrors })
  })

function putEntry(mirrors: ConfigMap, name: string, entry: MirrorEntry): void {
  const mark = mirrors.mark
  mirrors.entries.set(name, { key: name, strategy: 'merge', mark, value: makeNode(entry as ConfigValue, mark) })
}

/** A key of YAML that no scope could mistake for an instruction. */
function checkName(name: string): void {
  if (name !== '' && !name.includes(':')) return
  throw new SpackError('usage', `a mirror cannot be called \`${name}\``, {
    exitCode: 2,
    hint: 'its name is a key in `mirrors.yaml`: any text without `:`',
  })
}

/**
 * What is written for `url`. A relative path means where the user is, but in the file it is read from where the file is;
 * where the two differ the path is made absolute.
 */
function storedUrl({ cwd }: Invocation, scope: Scope, url: string): string {
  if (isUrl(url) || /^[/~$]/.test(url)) return url
  const home = dirname(sectionFile(scope, 'mirrors')!)
  return resolve(home, url) === resolve(cwd, url) ? url : resolve(cwd, url)
}

function warnUnreadable(invocation: Invocation, url: string): void {
  const location = isUrl(url) ? locate(url) : undefined
  if (location?.kind !== 'unsupported') return
  invocation.say(`==> Warning: ${location.scheme}:// cannot be read by this program, only ${supportedSchemes}\n`)
}

function notFound(settings: Configuration, name: string, scope?: Scope): SpackError {
  const others = settings.scopes.filter((other) => other !== scope && entryIn(settings, other, name) !== undefined)
  const names = configuredMirrors(settings).map((known) => known.name)
  const where = scope ? ` in scope \`${scope.name}\`` : ''
  return new SpackError('no-mirror', `there is no mirror \`${name}\`${where} that could be changed`, {
    hint: others.length
      ? `it is in ${others.map((other) => scopeHint(other)).join(' and ')}`
      : (didYouMean(name, names) ?? '`spack mirror list` shows the mirrors'),
  })
}

const scopeHint = ({ name, isWritable }: Scope): string =>
  isWritable ? `scope \`${name}\`: add \`--scope ${name}\`` : `\`${name}\`, which is not a file of yours`
