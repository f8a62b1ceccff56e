// Where things are: the root, and the folders of settings and caches, as Spack's environment variables say. Light, since
// every start of the program comes through here.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export interface SpackPaths {
  /** `SPACK_ROOT`; may be a clone of Spack, whose store and settings are then shared. */
  root: string
  /** `ROOT/etc/spack`: settings of this root, stronger than the user's. */
  etc: string
  /** `ROOT/etc/spack/defaults` */
  defaultsConfig: string
  /** `ROOT/etc/spack/site` */
  siteConfig: string
  userConfig: string
  systemConfig: string
  /** `SPACK_DISABLE_LOCAL_CONFIG` is set: neither user nor system settings are read. */
  isLocalConfigDisabled: boolean
  userCache: string
  /** Where named environments are, unless `config:environments_root` says otherwise. */
  environments: string
  /** Keys that are trusted, unless `SPACK_GNUPGHOME` says otherwise. */
  gpgHome: string
}

/** The paths that an environment stands for; `$XDG_DATA_HOME/spack` is the root when `SPACK_ROOT` is not set. */
export function spackPaths(environ: NodeJS.ProcessEnv): SpackPaths {
  const home = environ.HOME || homedir()
  const path = (value: string | undefined, otherwise: string) => resolve(expandHome(value || otherwise, home))
  const root = path(environ.SPACK_ROOT, join(environ.XDG_DATA_HOME || join(home, '.local/share'), 'spack'))
  const etc = join(root, 'etc/spack')
  return {
    root,
    etc,
    defaultsConfig: join(etc, 'defaults'),
    siteConfig: join(etc, 'site'),
    userConfig: path(environ.SPACK_USER_CONFIG_PATH, '~/.spack'),
    systemConfig: path(environ.SPACK_SYSTEM_CONFIG_PATH, '/etc/spack'),
    isLocalConfigDisabled: environ.SPACK_DISABLE_LOCAL_CONFIG !== undefined,
    userCache: path(environ.SPACK_USER_CACHE_PATH, '~/.spack'),
    environments: join(root, 'var/spack/environments'),
    gpgHome: path(environ.SPACK_GNUPGHOME, join(root, 'opt/spack/gpg')),
  }
}

/** `~` and `~/…` of a user; other users' homes are left as they are written. */
export function expandHome(path: string, home: string): string {
  if (path !== '~' && !path.startsWith('~/')) return path
  return `${home.replace(/\/+$/, '')}${path.slice(1)}` || '/'
}
