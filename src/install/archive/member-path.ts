// Names in archives → paths below the prefix. Everything is decided by names, before the first byte is written.

import { refused } from '../../archive/tar-reader.ts'

/** An empty part, `.` or `..`. */
const oddPart = /(^|\/)\.{0,2}(\/|$)/

/** A member's name without `.` and doubled or trailing slashes. Throws `archive-refused` for names that lead elsewhere. */
export function memberPath(name: string): string {
  if (name.startsWith('/')) throw refused(name, 'has an absolute name')
  if (!oddPart.test(name)) return name
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw refused(name, 'has `..` in its name')
  return parts.join('/')
}

/** `path` as seen from below `folder`, '' for the folder itself, undefined when it is elsewhere. */
export function below(folder: string, path: string): string | undefined {
  if (!path.startsWith(folder)) return undefined
  if (path.length === folder.length) return ''
  return path[folder.length] === '/' ? path.slice(folder.length + 1) : undefined
}

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/**
 * Whether a relative link at `path` points to a place outside the tree that paths start at. Absolute targets are no
 * business of this function: packages link to other packages, and to the system.
 */
export function linkLeavesTree(path: string, target: string): boolean {
  if (target.startsWith('/')) return false
  let depth = path.split('/').length - 1
  for (const part of target.split('/')) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    if (depth < 0) return true
  }
  return false
}
