// A checkout by git, with as little of the history as the recipe allows.

import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpackError } from '../ui/error.ts'
import { runTool, type ToolOptions } from './run-tool.ts'
import type { GitSource } from './source-plan.ts'

/** Makes the checkout in the new folder `target`. Throws SpackError `checkout-failed` and `no-tool`. */
export async function checkoutGit(source: GitSource, target: string, options: ToolOptions): Promise<void> {
  const { url, commit, tag, branch, sparsePaths, submodulesDelete } = source
  for (const word of [url, commit, tag, branch]) refuseOption(word, options.shown)
  const git = (words: readonly string[], cwd: string) =>
    runTool('git', ['-c', 'advice.detachedHead=false', ...words], { ...options, cwd })
  const inside = (...words: string[]) => git(words, target)
  const reference = tag ?? branch
  if (commit === null || !(await fetchCommit(source, commit, target, git))) {
    await git(['clone', '--quiet', '--no-checkout', ...cloneWords(source, reference), '--', url, target], options.cwd)
  }
  if (sparsePaths.length > 0) await inside('sparse-checkout', 'set', '--cone', ...sparsePaths)
  const wanted = commit ?? reference
  if (wanted !== null) await inside('checkout', '--quiet', wanted, '--')
  else await inside('checkout', '--quiet')
  for (const path of submodulesDelete) await inside('rm', '--quiet', '--', path)
  await updateSubmodules(source, inside)
}

/** An address or a name that git would take for an option. */
function refuseOption(word: string | null, shown: string): void {
  if (!word?.startsWith('-')) return
  throw new SpackError('no-source', `\`${word}\` is no address or name in git`, {
    hint: `correct the recipe of \`${shown}\``,
  })
}

type RunGit = (words: readonly string[], cwd: string) => Promise<string>

/** Fetches a commit and nothing else; servers may not allow that. */
async function fetchCommit(source: GitSource, commit: string, target: string, git: RunGit): Promise<boolean> {
  const depth = source.fullRepository || !canBeShallow(source.url) ? [] : ['--depth=1']
  await git(['init', '--quiet', target], dirname(target))
  try {
    await git(['remote', 'add', 'origin', source.url], target)
    await git(['fetch', '--quiet', ...depth, 'origin', commit], target)
    return true
  } catch (error) {
    if (!(error instanceof SpackError) || error.code !== 'checkout-failed') throw error
    rmSync(target, { recursive: true, force: true })
    return false
  }
}

function cloneWords(source: GitSource, reference: string | null): string[] {
  // A commit may lie anywhere in the history.
  const isWhole = source.fullRepository || source.commit !== null
  const depth = isWhole || !canBeShallow(source.url) ? [] : ['--depth=1']
  const branch = reference === null ? [] : ['--branch', reference]
  return [...depth, ...(isWhole ? ['--no-single-branch'] : [...branch, '--single-branch'])]
}

/** Plain paths and the oldest protocol give everything or nothing. */
const canBeShallow = (url: string): boolean => !url.startsWith('http://') && !url.startsWith('/')

async function updateSubmodules(
  { submodules }: GitSource,
  inside: (...words: string[]) => Promise<string>,
): Promise<void> {
  if (submodules === true) await inside('submodule', '--quiet', 'update', '--init', '--recursive')
  if (typeof submodules === 'boolean' || submodules.length === 0) return
  await inside('submodule', '--quiet', 'init', '--', ...submodules)
  await inside('submodule', '--quiet', 'update', '--recursive')
}

/** A checkout as it was at first. */
export async function cleanGit(folder: string, options: ToolOptions): Promise<void> {
  const git = (...words: string[]) => runTool('git', words, { ...options, cwd: folder })
  await git('reset', '--quiet', '--hard')
  await git('clean', '-ffdxq')
  await git('submodule', '--quiet', 'foreach', '--recursive', 'git reset --quiet --hard && git clean -ffdxq')
}
