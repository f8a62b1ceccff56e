// Makes a view of all packages of a store, in a process of its own, so that a test can kill it: STORE ROOT.

import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { regenerateView } from '../../src/environment/view.ts'
import { readViews } from '../../src/environment/view-descriptor.ts'
import type { DagHash } from '../../src/spec/spec.ts'

const [store, root] = process.argv.slice(2) as [string, string]
const hashes = readdirSync(store) as DagHash[]
process.stdout.write('started\n')
regenerateView(readViews(root, dirname(root), (path) => path).get('default')!, {
  roots: hashes,
  nodes: new Map(hashes.map((hash) => [hash, { name: hash, version: '1', hash }])),
  prefixOf: (hash) => join(store, hash),
  isSelected: () => true,
  placementOf: () => '',
})
