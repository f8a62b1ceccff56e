// What commands about installed specs have in common: opening the store, finding the specs that are meant, asking first.

import type { PackageFacts } from '../spec/facts.ts'
import { formatSpec } from '../spec/format.ts'
import { parseSpecArguments } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import type { InstallStatus } from '../spec/tree.ts'
import { openStore } from '../store/configured-store.ts'
import { type InstalledSpecs, installedSpecs, type StoredSpec, type StoreQuery } from '../store/query.ts'
import type { Store } from '../store/store.ts'
import { type OpenDatabase, readDatabase } from '../store/transaction.ts'
import { renderError, SpackError } from '../ui/error.ts'
import { type ListingOptions, listSpecs } from '../ui/spec-listing.ts'
import type { Arguments } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { queryFacts } from './query-facts.ts'
import { askYesOrNo } from './question.ts'

export interface OpenedStore {
  store: Store
  open: OpenDatabase
  installed: InstalledSpecs
  /** What recipes say of virtuals that are asked for. */
  facts: PackageFacts | undefined
}

/**
 * The store that the configuration names, as it is now, to be asked for `asked`, in which there may be virtuals. Says what in
 * it cannot be read.
 */
export async function openInstalled(invocation: Invocation, asked: readonly Spec[] = []): Promise<OpenedStore> {
  const store = openStore(await configuration(invocation))
  const open = await readDatabase(store)
  for (const problem of open.folded.problems) {
    invocation.say(`${renderError(problem, { colour: invocation.stderrHasColour, isWarning: true })}\n`)
  }
  const facts = asked.length ? await queryFacts(invocation, asked, recordedNames(open)) : undefined
  return { store, open, installed: installedSpecs(store.root, open, facts), facts }
}

/** Whether a package of a name is or was installed. */
function recordedNames({ database, upstreams }: OpenDatabase): (name: string) => boolean {
  const databases = [database, ...upstreams.map((upstream) => upstream.database)]
  const names = new Set(databases.flatMap((each) => each.hashes().map((hash) => each.nameOf(hash))))
  return (name) => names.has(name)
}

/** What is known of the installation of specs. */
export const statusOf =
  ({ installed }: OpenedStore) =>
  (spec: Spec): InstallStatus => {
    if (!spec.concrete) return 'absent'
    if (spec.concrete.external) return 'external'
    const located = installed.locate(spec.concrete.hash)
    if (!located) return 'absent'
    if (!located.record.isInstalled) return 'missing'
    return located.upstream === undefined ? 'installed' : 'upstream'
  }

/** The specs that follow a command's flags; also those after `--`, where `-variant` is no flag. */
export const specArguments = (args: Arguments): Spec[] => parseSpecArguments([...args.positional, ...args.rest])

/** How specs are shown when the user must choose among them or agree to something. */
export const briefListing = (invocation: Invocation): ListingOptions => ({
  colour: invocation.stdoutHasColour,
  width: invocation.stdoutWidth,
  hashLength: 7,
  indent: 4,
})

/**
 * What each of `asked` matches, each spec once. Throws SpackError `no-match` when one matches nothing, and `ambiguous` when
 * one matches several and `all` is not set.
 */
export function findEach(
  installed: InstalledSpecs,
  asked: readonly Spec[],
  query: StoreQuery,
  options: { all: boolean; among: string; hint: string },
): StoredSpec[] {
  const found = new Map<DagHash, StoredSpec>()
  for (const spec of asked) {
    const matches = installed.find({ ...query, spec })
    if (matches.length === 0) {
      throw new SpackError('no-match', `\`${printSpec(spec)}\` does not match any ${options.among}`)
    }
    if (matches.length > 1 && !options.all) throw ambiguous(spec, matches, options.hint)
    for (const match of matches) found.set(match.record.hash, match)
  }
  return [...found.values()]
}

/** The one installed spec that is meant. Throws SpackError `no-match` or `ambiguous`. */
export function findOne(
  installed: InstalledSpecs,
  asked: Spec,
  query: StoreQuery,
  options: { first?: boolean } = {},
): StoredSpec {
  const matches = installed.find({ ...query, spec: asked })
  const [first] = matches
  if (!first) throw new SpackError('no-match', `spec \`${printSpec(asked)}\` matches no installed packages`)
  if (matches.length > 1 && !options.first) {
    throw ambiguous(asked, matches, 'use a more specific spec, for instance its hash: `/abcdefg`')
  }
  return first
}

const choiceFormat =
  '{hash:7} {name}{@version}{ platform=architecture.platform}{ os=architecture.os}{ target=architecture.target}{compilers}'

function ambiguous(spec: Spec, matches: readonly StoredSpec[], hint: string): SpackError {
  const choices = matches.map((match) => `    ${formatSpec(match.spec, choiceFormat)}`)
  return new SpackError('ambiguous', `\`${printSpec(spec)}\` matches multiple packages:`, {
    detail: choices.join('\n'),
    hint,
  })
}

/** What is installed and matches any of the specs after a command's flags; all when there are none. */
export async function installedMatches(invocation: Invocation, args: Arguments): Promise<StoredSpec[]> {
  const asked = specArguments(args)
  const { installed } = await openInstalled(invocation, asked)
  if (asked.length === 0) return installed.find({})
  const hint = 'see `spack find -l`'
  return findEach(installed, asked, {}, { all: true, among: 'installed packages', hint })
}

/** A name for one spec in a list of results. */
export const specName = (spec: Spec): string => formatSpec(spec, '{name}{@version}{/hash:7}')

/**
 * Lists specs and asks whether to go on; the default is no. Throws SpackError `not-confirmed` where nobody answers.
 */
export async function confirm(invocation: Invocation, specs: readonly Spec[], participle: string): Promise<boolean> {
  const count = `${specs.length} package${specs.length === 1 ? '' : 's'}`
  const question = `==> ${count} will be ${participle}. Do you want to proceed? [y/N] `
  invocation.print(`${listSpecs(specs, briefListing(invocation))}\n`)
  const answer = await askYesOrNo(invocation, question)
  if (answer !== undefined) return answer
  throw new SpackError('not-confirmed', `${count} would be ${participle}, and nobody answers`, {
    hint: 'nothing was done; add `-y` (`--yes-to-all`) to go ahead without a question',
  })
}
