// A lockfile with a spliced spec:
//
//   root ─▶ app* ─▶ site        app, as which app* was built ─▶ vendor

import { type Lockfile, readLockfile } from '../../src/environment/lockfile.ts'
import { specNode } from './prefixes.ts'
import { tinyLockfile } from './tiny-cache.ts'

const vendor = specNode('vendor')
const site = specNode('site')
/** As which `spliced` was built. */
const origin = specNode('app', [[vendor, 'build', 'link']])
const spliced = specNode('app', [[site, 'link']], { build_spec: { name: 'app', hash: origin.hash! } })
const root = specNode('root', [[spliced, 'link']])

export const splicedNodes = { vendor, site, origin, spliced, root }

export const splicedLockfile: Lockfile = readLockfile(
  tinyLockfile([root], new Map(Object.values(splicedNodes).map((node) => [node.hash!, node]))),
  'spack.lock',
)
