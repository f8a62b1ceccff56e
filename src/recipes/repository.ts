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

/** What new repositories are written for. */
export const newestApi = 'v2.2'
const knownMajor = 2

/** Words that can be names of Python packages, joined by dots. */
export const isNamespace = (text: string): boolean => /^[a-zA-Z]\w*(?:\.[a-zA-Z]\w*)*$/.test(text)

/**
 * The repository in a folder. Throws SpackError `repository` when there is none, or one that recipes of Package API v2
 * do not come in.
 */
export async function readRepository(root: string): Promise<Repository> {
  const file = join(root, 'repo.yaml')
  if (!existsSync(file)) {
    const reason = existsSync(root) ? 'it has no `repo.yaml`' : 'there is no such folder'
    throw new SpackError('repository', `\`${root}\` is no package repository: ${reason}`, {
      hint: 'a repository `NAME` of Package API v2 is a folder `spack_repo/NAME` with `repo.yaml` and `packages`',
    })
  }
  const repo = await readDescription(file)
  const namespace = repo.namespace
  if (typeof namespace !== 'string' || !isNamespace(namespace)) {
    throw new SpackError('repository', 'a repository needs a `repo: namespace:` that is a name', { where: file })
  }
  const api = String(repo.api ?? 'v1.0')
  const major = Number(/^v(\d+)\.\d+$/.exec(api)?.[1])
  if (major !== knownMajor) {
    throw new SpackError('repository', `the repository \`${namespace}\` is of Package API ${api}, which is not known`, {
      where: file,
      hint:
        major === 1
          ? `repositories of v1 are converted by Spack 1.x: \`spack repo migrate --fix ${root}\``
          : 'repositories of Package API v2 can be used: a newer spackmake may know this one',
    })
  }
  checkPlace(root, namespace, file)
  const subdirectory = repo.subdirectory ?? 'packages'
  if (typeof subdirectory !== 'string' || !/^[a-zA-Z_]\w*$/.test(subdirectory)) {
    throw new SpackError('repository', `\`subdirectory: ${subdirectory}\` is no name of a Python package`, {
      where: file,
    })
  }
  return { namespace, root, api, packages: join(root, subdirectory) }
}

/** What `repo.yaml` says. Throws SpackError `repository` when it cannot be read. */
async function readDescription(file: string): Promise<Record<string, unknown>> {
  let content: { repo?: Record<string, unknown> } | null
  try {
    const text = readFileSync(file, 'utf8')
    content = readPlain(text) ?? ((await import('yaml')).parse(text) as typeof content)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new SpackError('repository', `this is no description of a repository: ${reason}`, {
      where: file,
      cause: error,
    })
  }
  if (typeof content?.repo === 'object' && content.repo !== null) return content.repo
  throw new SpackError('repository', 'a description of a repository needs a map `repo:`', { where: file })
}

/**
 * A description that is nothing but words below `repo:`, as they nearly all are: to load the library that reads all of YAML
 * takes 5 ms, at each start. Undefined for anything else.
 */
function readPlain(text: string): { repo: Record<string, string> } | undefined {
  const [first, ...lines] = text.trimEnd().split('\n')
  if (first !== 'repo:' || lines.length === 0) return undefined
  const repo: Record<string, string> = {}
  for (const line of lines) {
    const [, key, word] = /^ {2}([a-z]+): ([a-z][\w.]*)$/.exec(line) ?? []
    if (!key || !word || key in repo || ['null', 'true', 'false'].includes(word)) return undefined
    repo[key] = word
  }
  return { repo }
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

/** `PyNumpy` for the package `py-numpy`, `_7zip` for `7zip`. */
export function className(name: string): string {
  const joined = name
    .split(/[_-]+/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
  return /^\d/.test(joined) ? `_${joined}` : joined
}
