// Puts packages of a kit's build cache (layout v3) into a store, with the installer's own archive code and without any of
// what surrounds it: no signatures, no locks, no database file.

import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readArchive } from '../../src/install/archive/read-archive.ts'
import { relocateTree } from '../../src/install/archive/relocate-tree.ts'
import { writeTree } from '../../src/install/archive/write-tree.ts'
import { readBuildinfo, relocationMap } from '../../src/install/buildinfo.ts'
import { defaultPermissions } from '../../src/install/permissions.ts'
import { printJson } from '../../src/spec/json.ts'
import { writeNode } from '../../src/spec/node.ts'
import type { DagHash, Spec } from '../../src/spec/spec.ts'
import { Database } from '../../src/store/database.ts'
import { prefixOf } from '../../src/store/layout.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenDatabase } from '../../src/store/transaction.ts'

/** Unpacks what the cache has of `specs`, records it and the externals as installed. */
export async function fillStore(store: Store, cache: string, specs: ReadonlyMap<DagHash, Spec>): Promise<OpenDatabase> {
  const database = new Database(join(store.databaseDir, 'index.json'))
  for (const [hash, spec] of specs) {
    const isExternal = spec.concrete?.external != null
    const blob = isExternal ? undefined : findArchive(cache, spec.name!, hash)
    if (!isExternal && !blob) continue
    const path = prefixOf(store, spec)
    if (blob && !existsSync(path!)) await unpack(store, blob, path!, specs)
    database.insert(hash, printJson(writeNode(spec)), {
      refCount: 0,
      path,
      isInstalled: true,
      isExplicit: false,
      timeSeconds: 0,
      deprecatedFor: null,
    })
  }
  return { database, upstreams: [], folded: { registered: [], pending: [], dropped: [], problems: [] } }
}

/** The archive of a spec, or undefined when the cache has none. */
function findArchive(cache: string, name: string, hash: string): string | undefined {
  const folder = join(cache, 'v3/manifests/spec', name)
  const file = existsSync(folder) ? readdirSync(folder).find((each) => each.includes(hash)) : undefined
  if (!file) return undefined
  const text = readFileSync(join(folder, file), 'utf8')
  const manifest = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as {
    data: { mediaType: string; checksum: string }[]
  }
  const { checksum } = manifest.data.find(({ mediaType }) => mediaType.includes('install'))!
  return join(cache, 'blobs/sha256', checksum.slice(0, 2), checksum)
}

async function unpack(store: Store, blob: string, prefix: string, specs: ReadonlyMap<DagHash, Spec>): Promise<void> {
  mkdirSync(dirname(prefix), { recursive: true })
  mkdirSync(prefix)
  const archive = await readArchive(
    { open: () => createReadStream(blob), compression: 'gzip' },
    { folder: prefix, permissions: defaultPermissions, checkSpec: () => {} },
  )
  const buildinfo = await readBuildinfo(archive.buildinfo.toString())
  const map = relocationMap(buildinfo, {
    root: store.root,
    sbang: join(store.root, 'bin/sbang'),
    prefixOf: (hash) => {
      const spec = specs.get(hash as DagHash)
      return spec && (prefixOf(store, spec) ?? undefined)
    },
  })
  const refusals = relocateTree(archive.tree, prefix, buildinfo, map)
  if (refusals.length) throw new Error(`${prefix} cannot be relocated: ${JSON.stringify(refusals[0])}`)
  writeTree(archive.tree, prefix, defaultPermissions)
}
