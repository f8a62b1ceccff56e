// Which vector files of the kit the project answers, and by which code.

import type { Tally } from './tally.ts'

export interface Area {
  name: string
  /** The file or folder, relative to the kit, without which the area is passed over. */
  needs: string
  load: () => Promise<(folder: string, tally: Tally) => void | Promise<void>>
}

export const areas: readonly Area[] = [
  { name: 'depfile', needs: 'depfile', load: async () => (await import('./depfile.ts')).run },
  {
    name: 'buildcache/archive-members',
    needs: 'buildcache/archive-members.json',
    load: async () => (await import('./archive-members.ts')).run,
  },
  {
    name: 'buildcache/installed',
    needs: 'buildcache/installed-v3.json',
    load: async () => (await import('./buildcache-installed.ts')).run,
  },
  {
    name: 'buildcache/index',
    needs: 'buildcache/table.json',
    load: async () => (await import('./buildcache.ts')).runIndex,
  },
  {
    name: 'buildcache/table',
    needs: 'buildcache/table.json',
    load: async () => (await import('./buildcache.ts')).runTable,
  },
  { name: 'concretize', needs: 'concretize/index.json', load: async () => (await import('./concretize.ts')).run },
  { name: 'env/concretize', needs: 'env/01-unify-true', load: async () => (await import('./env.ts')).run },
  {
    name: 'env/load-errors',
    needs: 'env/load-errors.json',
    load: async () => (await import('./env-load-errors.ts')).run,
  },
  {
    name: 'recipes/builtin',
    needs: 'recipes/builtin.jsonl.gz',
    load: async () => (await import('./recipes-builtin.ts')).run,
  },
  { name: 'relocation', needs: 'relocation', load: async () => (await import('./relocation.ts')).run },
  { name: 'spec/arch', needs: 'spec/arch.json', load: async () => (await import('./spec-arch.ts')).run },
  {
    name: 'spec/config-merge',
    needs: 'spec/config-merge.json',
    load: async () => (await import('./config-merge.ts')).run,
  },
  { name: 'spec/format', needs: 'spec/format.json', load: async () => (await import('./spec-format.ts')).run },
  { name: 'spec/hash', needs: 'spec/hash.json', load: async () => (await import('./spec-hash.ts')).run },
  { name: 'spec/parse', needs: 'spec/parse.json', load: async () => (await import('./spec-parse.ts')).run },
  { name: 'spec/relations', needs: 'spec/relations.json', load: async () => (await import('./spec-relations.ts')).run },
  { name: 'spec/speclist', needs: 'spec/speclist.json', load: async () => (await import('./spec-speclist.ts')).run },
  { name: 'spec/versions', needs: 'spec/versions.json', load: async () => (await import('./spec-versions.ts')).run },
  {
    name: 'store/databases',
    needs: 'store',
    load: async () => (await import('./store.ts')).runDatabases,
  },
  { name: 'store/spec-files', needs: 'store/metadata', load: async () => (await import('./store.ts')).runSpecFiles },
  { name: 'store/steps', needs: 'store/steps/steps.json', load: async () => (await import('./store-steps.ts')).run },
  { name: 'views', needs: 'views', load: async () => (await import('./views.ts')).run },
  {
    name: 'store/metadata',
    needs: 'store/metadata/files.json',
    load: async () => (await import('./store-from-cache.ts')).run,
  },
  {
    name: 'views/activation',
    needs: 'views/activation.json',
    load: async () => (await import('./views-activation.ts')).run,
  },
]
