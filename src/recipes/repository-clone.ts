// Clones of package repositories: made on first use, brought up to date by `spack repo update`.

import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Git, openGit, withoutPasswords } from './git.ts'

/** A repository that the configuration describes by its address. Of commit, tag and branch the first that is set counts. */
export interface RemoteRepository {
  name: string
  git: string
  commit?: string
  tag?: string
  branch?: string
  /** The folder of the clone. */
  destination: string
}

export interface CloneOptions {
  environ: NodeJS.ProcessEnv
  say?: (text: string) => void
}

/** A clone has this one commit and the one before it; `update` gets more only where it must. */
const depthWords = ['--depth=2']

export const isCloned = (destination: string): boolean => existsSync(destination) && readdirSync(destination).length > 0

/** Clones a repository where there is none. Throws SpackError `repository-clone`, `no-git`. */
export async function cloneRepository(remote: RemoteRepository, { environ, say }: CloneOptions): Promise<void> {
  refuseOptions(remote)
  say?.(`==> Cloning the package repository \`${remote.name}\` from ${withoutPasswords(remote.git)}\n`)
  const folder = dirname(remote.destination)
  makeFolders(folder)
  // Beside its place and then moved there: nobody sees half a clone.
  const unfinished = join(folder, `.${basename(remote.destination)}.${process.pid}`)
  const git = openGit(environ)
  try {
    rmSync(unfinished, { recursive: true, force: true })
    if (remote.commit === undefined) await cloneReference(git, remote, folder, unfinished)
    else await cloneCommit(git, remote, remote.commit, folder, unfinished)
    publish(unfinished, remote.destination)
  } catch (error) {
    throw cloneFailure(remote, error)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

async function cloneReference(git: Git, remote: RemoteRepository, folder: string, target: string): Promise<void> {
  const reference = remote.tag ?? remote.branch
  const words = reference === undefined ? [] : ['--branch', reference]
  await git.run(folder, ['clone', '--quiet', ...depthWords, ...words, '--', remote.git, target])
}

/** A server may refuse to give a single commit; then everything is fetched. */
async function cloneCommit(
  git: Git,
  remote: RemoteRepository,
  commit: string,
  folder: string,
  target: string,
): Promise<void> {
  await git.run(folder, ['init', '--quiet', target])
  await git.run(target, ['remote', 'add', 'origin', remote.git])
  await checkoutCommit(git, target, 'origin', commit, depthWords)
}

async function checkoutCommit(
  git: Git,
  target: string,
  origin: string,
  commit: string,
  depth: readonly string[],
): Promise<void> {
  const checkout = ['-c', 'advice.detachedHead=false', 'checkout', '--quiet', commit, '--']
  if ((await git.attempt(target, checkout)) !== undefined) return
  const alone = await git.attempt(target, ['fetch', '--quiet', ...depth, origin, commit])
  if (alone === undefined) {
    await git.run(target, [
      'fetch',
      '--quiet',
      '--tags',
      '--depth=2147483647',
      origin,
      '+refs/heads/*:refs/remotes/origin/*',
    ])
  }
  await git.run(target, checkout)
}

/** Somebody else may have cloned the same meanwhile. */
function publish(unfinished: string, destination: string): void {
  try {
    renameSync(unfinished, destination)
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '') && isCloned(destination)) return
    throw error
  }
}

function cloneFailure(remote: RemoteRepository, error: unknown): unknown {
  if (!(error instanceof SpackError)) return error
  if (error.code !== 'git') return error
  const address = withoutPasswords(remote.git)
  return new SpackError(
    'repository-clone',
    `the package repository \`${remote.name}\` cannot be cloned from ${address}`,
    {
      detail: [error.message, error.detail].filter(Boolean).join('\n'),
      hint: `look at the address and the network, or use a copy: \`spack config add repos:${remote.name}:destination:/path/to/clone\``,
      cause: error,
    },
  )
}

/** What git would take for an option. */
function refuseOptions({ name, git, commit, tag, branch }: RemoteRepository): void {
  const bad = [git, commit, tag, branch].find((word) => word?.startsWith('-'))
  if (bad === undefined) return
  throw new SpackError(
    'repository',
    `\`${bad}\`, in the entry of the repository \`${name}\`, is no address or name in git`,
  )
}

/** The commit that a clone is at; undefined where there is no clone. */
export async function currentCommit(remote: RemoteRepository, { environ }: CloneOptions): Promise<string | undefined> {
  if (!existsSync(join(remote.destination, '.git'))) return undefined
  return (await openGit(environ).attempt(remote.destination, ['rev-parse', '--quiet', '--verify', 'HEAD']))?.trim()
}

/**
 * Brings a clone to its commit or tag, or to the newest state of its branch; makes it when there is none. `origin` is
 * git's name of the place to fetch from. Throws SpackError `repository-update`, and as `cloneRepository`.
 */
export async function updateRepository(remote: RemoteRepository, origin: string, options: CloneOptions): Promise<void> {
  refuseOptions(remote)
  const { destination } = remote
  if (!isCloned(destination)) return await cloneRepository(remote, options)
  if (!existsSync(join(destination, '.git'))) {
    throw new SpackError('repository-update', `\`${destination}\`, the folder of \`${remote.name}\`, is no git clone`, {
      hint: `remove it, and \`spack repo update ${remote.name}\` clones it anew`,
    })
  }
  const git = openGit(options.environ)
  try {
    await followReference(git, remote, origin)
  } catch (error) {
    if (!(error instanceof SpackError) || error.code !== 'git') throw error
    throw new SpackError('repository-update', `the package repository \`${remote.name}\` cannot be updated`, {
      detail: [error.message, error.detail].filter(Boolean).join('\n'),
      hint: `look at it: \`git -C ${destination} status\``,
      cause: error,
    })
  }
}

async function followReference(git: Git, remote: RemoteRepository, origin: string): Promise<void> {
  const { destination, commit, tag } = remote
  if (commit !== undefined) return await checkoutCommit(git, destination, origin, commit, [])
  if (tag !== undefined) {
    await git.run(destination, ['fetch', '--quiet', '--force', origin, `refs/tags/${tag}:refs/tags/${tag}`])
    await git.run(destination, ['-c', 'advice.detachedHead=false', 'checkout', '--quiet', `refs/tags/${tag}`, '--'])
    return
  }
  const branch = remote.branch ?? (await defaultBranch(git, destination, origin))
  const tracked = `refs/remotes/${origin}/${branch}`
  await git.run(destination, ['fetch', '--quiet', origin, `+refs/heads/${branch}:${tracked}`])
  const switched = await git.attempt(destination, ['checkout', '--quiet', branch, '--'])
  if (switched === undefined) await git.run(destination, ['checkout', '--quiet', '-b', branch, tracked])
  if ((await git.attempt(destination, ['merge', '--quiet', '--ff-only', tracked])) !== undefined) return
  try {
    // Commits of the user's own go on top.
    await git.run(destination, ['rebase', '--quiet', tracked])
  } catch (error) {
    await git.attempt(destination, ['rebase', '--abort'])
    throw error
  }
}

/** The branch that is checked out, or else the one that the server prefers. */
async function defaultBranch(git: Git, destination: string, origin: string): Promise<string> {
  const own = await git.attempt(destination, ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  if (own) return own.trim()
  const listed = await git.run(destination, ['ls-remote', '--symref', origin, 'HEAD'])
  const branch = /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(listed)?.[1]
  if (branch) return branch
  throw new SpackError('repository-update', `\`${destination}\` is at no branch, and \`${origin}\` names none`, {
    hint: 'say which: `spack repo update NAME --branch BRANCH`',
  })
}
