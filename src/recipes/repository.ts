// A package repository: a folder with `repo.yaml` and one folder a package below `packages`.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SpackError } from '../ui/error.ts'

export interface Repository {
  namespace: string
  /** The folder that holds `repo.yaml`. */
  root: string
  /** As in `v2.2`. */
  api: string
  /** The folder of the packages. */
  packages: string
}

const newestApi = 2

/**
 * The repository in a folder. Throws SpackError `repository` when there is none, or one that recipes of Package API v2
 * do not come in.
 */
export async function readRepository(root: string): Promise<Repository> {
  const file = join(root, 'repo.yaml')
  if (!existsSync(file)) {
    throw new SpackError('repository', `\`${root}\` is no package repository: it has no \`repo.yaml\``, {
      hint: 'a repository `NAME` of Package API v2 is a folder `spack_repo/NAME` with `repo.yaml` and `packages`',
    })
  }
  const { parse } = await import('yaml')
  const { repo } = (parse(readFileSync(file, 'utf8')) ?? {}) as { repo?: Record<string, unknown> }
  const namespace = repo?.namespace
  if (typeof namespace !== 'string' || !/^[a-zA-Z]\w*(?:\.[a-zA-Z]\w*)*$/.test(namespace)) {
    throw new SpackError('repository', 'a repository needs a `repo: namespace:` that is a name', { where: file })
  }
  const api = String(repo?.api ?? 'v1.0')
  const major = Number(/^v(\d+)\.\d+$/.exec(api)?.[1])
  if (major !== newestApi) {
    throw new SpackError('repository', `the repository \`${namespace}\` is of Package API ${api}, which is not known`, {
      where: file,
      hint: 'repositories of Package API v2 can be used; `spack repo migrate` of Spack 1.x converts those of v1',
    })
  }
  checkPlace(root, namespace, file)
  return { namespace, root, api, packages: join(root, String(repo?.subdirectory ?? 'packages')) }
}

/** Recipes import one another as `spack_repo.NAMESPACE.…`, so the folders must be called that. */
function checkPlace(root: string, namespace: string, file: string): void {
  let folder = root
  for (const part of namespace.split('.').reverse()) {
    if (basename(folder) !== part) break
    folder = dirname(folder)
  }
  if (basename(folder) === 'spack_repo') return
  throw new SpackError('repository', `the repository \`${namespace}\` is not in a folder \`spack_repo/${namespace}\``, {
    where: file,
  })
}

/** The folders of packages, sorted. */
export function packageFolders(repository: Repository): string[] {
  if (!existsSync(repository.packages)) return []
  const entries = readdirSync(repository.packages, { withFileTypes: true })
  const isFolder = (entry: (typeof entries)[number]) =>
    entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(join(repository.packages, entry.name)))
  return entries
    .filter((entry) => /^\w+$/.test(entry.name) && isFolder(entry))
    .map(({ name }) => name)
    .sort()
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** `py-numpy` for the folder `py_numpy`, `7zip` for `_7zip`. */
export const packageName = (folder: string): string => folder.replace(/^_/, '').replaceAll('_', '-')

/** `py_numpy` for the package `py-numpy`, `_7zip` for `7zip`. */
export function packageFolder(name: string): string {
  const folder = name.replaceAll('-', '_')
  return /^\d/.test(folder) || pythonWords.has(folder) ? `_${folder}` : folder
}

/** Words that no Python module can be called. */
const pythonWords = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
  lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
)
