// Sources under version control: a packed checkout from the cache or a mirror, or a fresh one by the system's command. A fresh
// checkout of something that cannot change is packed for the cache.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { checkoutGit } from './checkout-git.ts'
import { type FetchPlace, fetchArchive } from './fetch-archive.ts'
import { runTool, type ToolOptions } from './run-tool.ts'
import type { ArchiveSource, CommandSource, GitSource } from './source-plan.ts'
import type { StageWorld } from './stage-world.ts'

export type Checkout = { kind: 'archive'; path: string; source: ArchiveSource } | { kind: 'folder'; path: string }

/** The name of a fresh checkout in the stage, until it is moved to its place. */
export const checkoutFolder = 'spack-checkout'

/** Throws SpackError `checkout-failed`, `no-tool`, `no-source`. */
export async function fetchCheckout(
  source: GitSource | CommandSource,
  place: FetchPlace,
  world: StageWorld,
): Promise<Checkout> {
  const path = join(place.folder, checkoutFolder)
  if (existsSync(path)) return { kind: 'folder', path }
  return (await fetchPacked(source, place, world)) ?? (await freshCheckout(source, place, world))
}

/** As `fetchCheckout`, whatever mirrors and the cache have. */
export async function freshCheckout(
  source: GitSource | CommandSource,
  place: FetchPlace,
  world: StageWorld,
): Promise<Checkout> {
  const path = join(place.folder, checkoutFolder)
  world.say(`Fetching ${shownCheckout(source)}`)
  const unfinished = `${path}.part`
  rmSync(unfinished, { recursive: true, force: true })
  const options: ToolOptions = { cwd: place.folder, environ: toolEnvironment(world), shown: place.shown }
  if (source.kind === 'git') await checkoutGit(source, unfinished, options)
  else await checkoutByCommand(source, unfinished, { options, verifyTls: world.verifyTls !== false })
  renameSync(unfinished, path)
  if (source.archive.isCachable) await keepPacked(source, path, join(place.cache, source.archive.places.storage), world)
  return { kind: 'folder', path }
}

/** Settings of an outer repository, in whose hook we may run, are not for this one. */
function toolEnvironment({ environ, verifyTls }: StageWorld): NodeJS.ProcessEnv {
  const kept = Object.entries(environ).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX)$/.test(name))
  return { ...Object.fromEntries(kept), ...(verifyTls === false ? { GIT_SSL_NO_VERIFY: 'true' } : {}) }
}

function shownCheckout(source: GitSource | CommandSource): string {
  if (source.kind !== 'git') return `${source.kind} ${source.url}${source.revision ? ` at ${source.revision}` : ''}`
  const { url, commit, tag, branch } = source
  const at = commit ? ` at commit ${commit}` : tag ? ` at ${tag}` : branch ? ` on branch ${branch}` : ''
  return `git ${url}${at}`
}

/** Nobody can prove that a packed checkout is what the repository has, so it is said that it is used. */
export function warnOfPacked(source: GitSource | CommandSource, place: FetchPlace, world: StageWorld): void {
  world.warn(
    `\`${place.shown}\` is unpacked from a packed checkout, which nothing can check, and does not come from ${shownCheckout(source)} itself`,
  )
}

async function fetchPacked(
  source: GitSource | CommandSource,
  place: FetchPlace,
  world: StageWorld,
): Promise<Checkout | undefined> {
  const { candidates, places } = source.archive
  if (candidates.length === 0) return undefined
  const archive: ArchiveSource = {
    ...{ kind: 'archive', fileName: basename(places.storage), digest: null, expand: true, extension: 'tar.gz' },
    ...{ candidates, places, isCachable: false },
  }
  try {
    const path = await fetchArchive(archive, place, world)
    return { kind: 'archive', path, source: archive }
  } catch (error) {
    if (error instanceof SpackError && error.code === 'fetch-failed') return undefined
    throw error
  }
}

/**
 * Submodules that a recipe wants and a packed checkout lacks: mirrors name it by its commit alone, which may have been
 * packed for another recipe.
 */
export function missingSubmodules({ submodules }: GitSource, tree: string): string[] {
  const listing = join(tree, '.gitmodules')
  if (submodules === false || !existsSync(listing)) return []
  const paths = [...readFileSync(listing, 'utf8').matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(([, path]) => path!)
  const wanted = submodules === true ? paths : paths.filter((path) => submodules.includes(path))
  return wanted.filter((path) => {
    const folder = resolve(tree, path)
    return folder.startsWith(tree + sep) && (!existsSync(folder) || readdirSync(folder).length === 0)
  })
}

async function keepPacked(
  source: GitSource | CommandSource,
  folder: string,
  cached: string,
  world: StageWorld,
): Promise<void> {
  const temporary = `${cached}.${process.pid}.tmp`
  try {
    makeFolders(dirname(cached))
    await packCheckout(source, folder, temporary)
    renameSync(temporary, cached)
  } catch (error) {
    if (systemErrorCode(error) === undefined || !(error instanceof Error)) throw error
    rmSync(temporary, { force: true })
    world.warn(`the checkout is not kept in the download cache (\`config:source_cache\`): ${error.message}`)
  }
}

/** What version control notes for itself and builds do not need; git's is kept, as recipes ask it for versions. */
const ownFolders: Readonly<Record<CommandSource['kind'], readonly string[]>> = {
  hg: ['.hg'],
  svn: ['.svn'],
  cvs: ['CVS'],
  go: [],
}

/** Packs a checkout as mirrors have it. */
export async function packCheckout(source: GitSource | CommandSource, folder: string, archive: string): Promise<void> {
  const { packFolder } = await import('../archive/pack-folder.ts')
  const excluded = source.kind === 'git' ? [] : ownFolders[source.kind]
  await packFolder(folder, { top: repositoryName(source.url), archive, excluded })
}

/** As `git clone` calls the folder that it makes. */
export const repositoryName = (url: string): string =>
  url
    .replace(/[/\s]+$/, '')
    .replace(/\.git$/, '')
    .replace(/^.*[/:=]/, '') || 'sources'

async function checkoutByCommand(
  source: CommandSource,
  target: string,
  { options, verifyTls }: { options: ToolOptions; verifyTls: boolean },
): Promise<void> {
  const { kind, url, revision, branch, date } = source
  const run = (words: readonly string[], cwd: string = options.cwd) => runTool(kind, words, { ...options, cwd })
  switch (kind) {
    case 'hg': {
      const words = [...(verifyTls ? [] : ['--insecure']), ...(revision === null ? [] : ['-r', revision])]
      await run(['clone', ...words, '--', url, target])
      return
    }
    case 'svn':
      await run([
        'checkout',
        '--force',
        '--quiet',
        '--non-interactive',
        ...(revision === null ? [] : ['-r', revision]),
        '--',
        url,
        target,
      ])
      return
    case 'cvs': {
      const [root, module] = url.split('%module=')
      if (!root || !module)
        throw new SpackError('no-source', `\`${url}\` has no \`%module=\`, which names what to check out`)
      mkdirSync(target)
      const words = [...(branch === null ? [] : ['-r', branch]), ...(date === null ? [] : ['-D', date])]
      await run(['-z9', '-d', root, 'checkout', ...words, module], target)
      liftOnlyFolder(target)
      return
    }
    case 'go':
      throw new SpackError('no-source', `\`${options.shown}\` comes from \`go get\`, which no longer fetches sources`, {
        hint: 'choose another version, or use a mirror that has its sources',
      })
  }
}

/** A module is checked out below its own name. */
function liftOnlyFolder(target: string): void {
  const [name] = readdirSync(target)
  const aside = `${target}.module`
  renameSync(join(target, name!), aside)
  rmSync(target, { recursive: true })
  renameSync(aside, target)
}
