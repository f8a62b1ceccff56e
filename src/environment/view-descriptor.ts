// The `view` section of a manifest: which views an environment has, where, and what goes into them.

import { isAbsolute, join, resolve } from 'node:path'

const viewLinks = ['all', 'run', 'roots'] as const
/** `all`: roots and what they need to link and run; `run`: what they need to run; `roots`: themselves only. */
export type ViewLink = (typeof viewLinks)[number]

const viewLinkTypes = ['symlink', 'hardlink', 'copy'] as const
export type ViewLinkType = (typeof viewLinkTypes)[number]

export interface ViewDescriptor {
  name: string
  /** Absolute path of the link to the view. */
  root: string
  link: ViewLink
  linkType: ViewLinkType
  /** Specs, of which a package has to satisfy one. Empty: every package is selected. */
  select: readonly string[]
  /** Specs, of which a package may satisfy none. */
  exclude: readonly string[]
  /** Spec → template of the place below the root; `all` for the rest. Empty: everything goes into the root. */
  projections: Readonly<Record<string, string>>
}

export const defaultViewName = 'default'

/** Where the default view is when the manifest does not say. */
export const defaultViewRoot = (environmentDir: string): string => join(environmentDir, '.spack-env', 'view')

/** The value of `view`, as the schema lets it through. */
export type ViewSetting = boolean | string | Readonly<Record<string, string | RawDescriptor>> | null | undefined

interface RawDescriptor {
  root: string
  link?: ViewLink
  link_type?: ViewLinkType
  select?: readonly string[]
  exclude?: readonly string[]
  projections?: Readonly<Record<string, string>>
}

/** The views of an environment, by name. `substitute` replaces `$spack`, `~` and the like in paths. */
export function readViews(
  setting: ViewSetting,
  environmentDir: string,
  substitute: (path: string) => string,
): Map<string, ViewDescriptor> {
  if (setting === false) return new Map()
  const absolute = (root: string): string => {
    const path = substitute(root)
    return isAbsolute(path) ? resolve(path) : resolve(environmentDir, path)
  }
  const raws: [string, string | RawDescriptor][] =
    typeof setting === 'string' ? [[defaultViewName, setting]] : Object.entries(setting === true ? {} : (setting ?? {}))
  if (raws.length === 0) raws.push([defaultViewName, defaultViewRoot(environmentDir)])
  return new Map(
    raws.map(([name, raw]) => {
      const { root, link, link_type, select, exclude, projections } = typeof raw === 'string' ? { root: raw } : raw
      const descriptor: ViewDescriptor = {
        name,
        root: absolute(root),
        link: link ?? 'all',
        linkType: link_type ?? 'symlink',
        select: select ?? [],
        exclude: exclude ?? [],
        projections: projections ?? {},
      }
      return [name, descriptor]
    }),
  )
}
