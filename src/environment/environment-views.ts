// The views of an environment, from its lockfile and what the store has installed.

import { join } from 'node:path'
import type { DagHash, Spec } from '../spec/spec.ts'
import type { Store } from '../store/store.ts'
import type { OpenDatabase } from '../store/transaction.ts'
import { allNodes, allRoots, type LockedSpecs } from './lockfile.ts'
import { regenerateView, type ViewContents, type ViewOutcome } from './view.ts'
import type { PlaceFile } from './view-build.ts'
import type { ViewDescriptor } from './view-descriptor.ts'
import { findExtendee } from './view-extensions.ts'
import type { ViewRules } from './view-selection.ts'

export interface ViewsInput {
  lockfile: LockedSpecs
  store: Store
  open: OpenDatabase
  /** Replaces variables in projections. */
  substitute: (text: string) => string
}

/** The prefix of a spec if it is installed, here or upstream. */
export function installedPrefix({ database, upstreams }: OpenDatabase, hash: DagHash): string | undefined {
  for (const known of [database, ...upstreams.map((upstream) => upstream.database)]) {
    const record = known.record(hash)
    if (record?.isInstalled && record.path !== null) return record.path
  }
  return undefined
}

/**
 * Brings views up to date, one after the other; the caller holds the environment's lock. Throws as `regenerateView`, and
 * SpackError for specs and templates in a view's rules that cannot be read.
 */
export async function regenerateViews(
  views: Iterable<ViewDescriptor>,
  input: ViewsInput,
): Promise<Map<string, ViewOutcome>> {
  const outcomes = new Map<string, ViewOutcome>()
  for (const view of views) outcomes.set(view.name, regenerateView(view, await viewContents(view, input)))
  return outcomes
}

/** What is worth saying about views that were brought up to date. */
export function viewMessages(views: Iterable<ViewDescriptor>, outcomes: ReadonlyMap<string, ViewOutcome>): string[] {
  return [...views].flatMap(({ name, root }) => {
    const { kind, packages, missing } = outcomes.get(name)!
    return [
      ...(kind === 'made' && packages > 0 ? [`Updating view at ${root}`] : []),
      ...(missing.length ? [`Warning: not in the view, since their prefixes are gone: ${missing.join(', ')}`] : []),
    ]
  })
}

/** What a view is made from. */
async function viewContents(view: ViewDescriptor, input: ViewsInput): Promise<ViewContents> {
  const nodes = allNodes(input.lockfile)
  const prefix = (hash: DagHash) => installedPrefix(input.open, hash)
  const specs = needsSpecs(view) ? await readSpecs(input.lockfile) : undefined
  const rules = await placementRules(view, input, specs)
  return {
    roots: [...new Set(allRoots(input.lockfile).map((root) => root.hash))],
    nodes,
    prefixOf: prefix,
    ...rules,
    copyInto: view.linkType === 'copy' ? await copyInto(input, rules, specs!) : undefined,
  }
}

const needsSpecs = ({ select, exclude, projections, linkType }: ViewDescriptor): boolean =>
  select.length > 0 || exclude.length > 0 || Object.keys(projections).length > 0 || linkType === 'copy'

async function readSpecs(lockfile: LockedSpecs): Promise<Map<DagHash, Spec>> {
  const { lockfileSpecs } = await import('./locked-specs.ts')
  return lockfileSpecs(lockfile)
}

/** Whether a view takes a spec, and where it puts it. */
export async function placementRules(
  view: ViewDescriptor,
  { lockfile, open, substitute }: ViewsInput,
  specs?: ReadonlyMap<DagHash, Spec>,
): Promise<ViewRules> {
  if (!needsSpecs(view)) return { isSelected: () => true, placementOf: () => '' }
  const { viewRules } = await import('./view-selection.ts')
  const known = specs ?? (await readSpecs(lockfile))
  const nodes = allNodes(lockfile)
  const extendeeOf = (hash: DagHash) => {
    const prefix = installedPrefix(open, hash)
    return prefix === undefined ? undefined : findExtendee(nodes.get(hash)!, prefix)
  }
  return viewRules(view, (hash) => known.get(hash)!, extendeeOf, substitute)
}

/** How files are copied: what a package was built with is looked for in its files. */
async function copyInto(
  { store, open }: ViewsInput,
  { placementOf }: ViewRules,
  specs: ReadonlyMap<DagHash, Spec>,
): Promise<(root: string) => PlaceFile> {
  const { copier } = await import('./view-copy.ts')
  const { prefixOf } = await import('../store/layout.ts')
  const { reachableNodes } = await import('../spec/traverse-edges.ts')
  return (root) =>
    copier((owner) => {
      const prefixes = reachableNodes(specs.get(owner)!)
        .filter(({ concrete }) => concrete && !concrete.external)
        .map((spec) => {
          const { hash } = spec.concrete!
          const prefix = installedPrefix(open, hash) ?? prefixOf(store, spec)!
          return [prefix, join(root, placementOf(hash))] as const
        })
      return { prefixes, storeRoot: store.root, viewRoot: root }
    })
}
