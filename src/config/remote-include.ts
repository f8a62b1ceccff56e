// Settings from elsewhere: files of the web, each with its digest, and files of Git repositories. How they come to this
// machine is the program's affair; here is which of them are wanted, and as which scopes they are read.

import { basename, isAbsolute, join, normalize } from 'node:path'
import { SpackError } from '../ui/error.ts'

/** A repository at a branch, a commit or a tag; of several the most exact counts. */
export interface GitReference {
  git: string
  branch?: string
  commit?: string
  tag?: string
}

/** Brings settings to this machine. What is there already needs no network. */
export interface RemoteSettings {
  /** The path of the file at a web address. Throws SpackError, `include-digest` where the digest is another or missing. */
  file: (url: string, sha256: string | undefined) => Promise<string>
  /** The folder of a checkout. Throws SpackError. */
  checkout: (reference: GitReference) => Promise<string>
}

/** Web addresses; anything else with a scheme is refused. */
export const isWebAddress = (path: string): boolean => /^https?:\/\//i.test(path)

/** The name under which a file of the web is kept: that of the address, where it has one that settings can have. */
export function settingsName(url: string): string {
  const name = basename(new URL(url).pathname)
  return /\.ya?ml$/.test(name) ? name : 'settings.yaml'
}

/** The file or folder that `path` names in a checkout. Throws SpackError `include-path` when it leads out of it. */
export function pathInCheckout(folder: string, path: string, where: string): string {
  const inside = normalize(path)
  if (!isAbsolute(inside) && inside !== '..' && !inside.startsWith('../')) return join(folder, inside)
  throw new SpackError('include-path', `\`${path}\` leads out of the Git repository that it is to be found in`, {
    where,
    hint: 'paths of an included repository are relative to its top folder',
  })
}

/** Throws SpackError `include-git` unless it is said what is to be checked out. */
export function checkReference({ git, branch, commit, tag }: GitReference, where: string): void {
  if (branch ?? commit ?? tag) return
  throw new SpackError('include-git', `it is not said what of the Git repository \`${git}\` is to be included`, {
    where,
    hint: 'add `branch`, `tag` or, safest, `commit`',
  })
}
