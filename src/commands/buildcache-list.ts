// `spack buildcache list`: the specs in the indexes of all binary mirrors, printed as `spack find` prints them.

import { readCacheIndex } from '../buildcache/cache-index.ts'
import { fetchIndex, type IndexSettings } from '../buildcache/index-cache.ts'
import { shownUrl } from '../buildcache/location.ts'
import { binaryMirrors, type Mirror } from '../buildcache/mirror.ts'
import { detectHost } from '../config/host.ts'
import type { SpecNode } from '../spec/node.ts'
import { readNodes } from '../spec/node.ts'
import { parseSpec, parseSpecArguments } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { intersects } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { listSpecs } from '../ui/spec-listing.ts'
import { type Arguments, flagOn } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors, indexFolder, invocationTransport } from './mirrors.ts'

/** Prints what is in the caches for this machine, or for all. Fails when no mirror could be read. */
export async function listBuildcache(invocation: Invocation, args: Arguments): Promise<number> {
  const asked = parseSpecArguments([...args.positional, ...args.rest])
  const cached = await cachedSpecs(invocation)
  const all = asked.length ? cached.filter((spec) => asked.some((one) => intersects(spec, one))) : cached
  const host = hostArchitecture()
  const specs = flagOn(args, 'allarch') ? all : all.filter((spec) => intersects(spec, host))
  if (invocation.stdoutWidth !== undefined) {
    invocation.print(`==> ${specs.length} cached build${specs.length === 1 ? '' : 's'}.\n`)
  }
  invocation.print(
    listSpecs(specs, {
      colour: invocation.stdoutHasColour,
      width: invocation.stdoutWidth,
      hashLength: flagOn(args, 'very-long') ? 32 : flagOn(args, 'long') ? 7 : 0,
      namespaces: flagOn(args, 'namespaces'),
      variants: flagOn(args, 'variants'),
    }),
  )
  if (specs.length === 0 && all.length > 0 && !flagOn(args, 'allarch')) {
    invocation.say(
      `==> nothing of ${all.length} cached builds is for ${printSpec(host)}; all: \`spack buildcache list --allarch\`\n`,
    )
  }
  return 0
}

function hostArchitecture(): Spec {
  const { platform, os, target } = detectHost()
  return parseSpec(`platform=${platform} os=${os} target=${target}`)
}

/** Each spec once that is in some cache, and the externals that they were built with. */
export async function cachedSpecs(invocation: Invocation): Promise<Spec[]> {
  const settings = await configuration(invocation)
  const indexes: IndexSettings = { transport: await invocationTransport(invocation), folder: indexFolder(settings) }
  const found = new Map<string, Spec>()
  const failures: SpackError[] = []
  const mirrors = binaryMirrors(configuredMirrors(settings))
  if (mirrors.length === 0) invocation.say('==> no mirror with binaries is configured: `spack mirror add NAME URL`\n')
  for (const mirror of mirrors) {
    try {
      for (const spec of await specsOf(mirror, indexes, invocation))
        if (spec.concrete) found.set(spec.concrete.hash, spec)
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      failures.push(error)
      invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${error.message}\n`)
    }
  }
  if (failures.length > 0 && failures.length === mirrors.length) {
    throw new SpackError('no-index', 'no mirror could be read', { hint: failures[0]!.hint, cause: failures[0] })
  }
  return [...found.values()]
}

async function specsOf(mirror: Mirror, indexes: IndexSettings, invocation: Invocation): Promise<Spec[]> {
  const specs: Spec[] = []
  let hasIndex = false
  for (const layout of mirror.layouts) {
    const answer = await fetchIndex({ mirror, layout }, indexes)
    if (answer.kind === 'absent') continue
    hasIndex = true
    if (answer.warning) invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${answer.warning}\n`)
    const entries = readCacheIndex(answer.text, shownUrl(mirror.fetchUrl))
    const nodes = readNodes(entries.map(({ node }) => node))
    const wanted = entries.filter(({ node, isInCache }) => isInCache || node.external)
    specs.push(...wanted.flatMap(({ node }) => nodes.get(hashOf(node)) ?? []))
  }
  if (!hasIndex) {
    invocation.say(`==> Warning: mirror \`${mirror.name}\` has no index; what it holds can only be asked for by name\n`)
  }
  return specs
}

const hashOf = (node: SpecNode) => node.hash as NonNullable<Spec['concrete']>['hash']
