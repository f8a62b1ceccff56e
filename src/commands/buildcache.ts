// `spack buildcache`: what binary mirrors hold, and the keys that they offer.

import { binaryMirrors, type Mirror } from '../buildcache/mirror.ts'
import type { OfferedKey } from '../buildcache/mirror-keys.ts'
import { offeredKeys } from '../buildcache/mirror-keys.ts'
import { spackPaths } from '../config/paths.ts'
import { SpackError } from '../ui/error.ts'
import type { Command } from './command.ts'
import { flagOn } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors, invocationTransport } from './mirrors.ts'

const list: Command = {
  name: 'list',
  summary: 'list binary packages available from mirrors',
  positional: '[specs ...]',
  flags: [
    { name: 'long', short: 'l', help: 'show dependency hashes as well as versions' },
    { name: 'very-long', short: 'L', help: 'show full dependency hashes as well as versions' },
    { name: 'namespaces', short: 'N', help: 'show fully qualified package names' },
    { name: 'variants', short: 'v', help: 'show variants in output (can be long)' },
    { name: 'allarch', short: 'a', help: 'list specs for all available architectures, not only for this machine' },
  ],
  run: async (invocation, args) => (await import('./buildcache-list.ts')).listBuildcache(invocation, args),
}

const keys: Command = {
  name: 'keys',
  summary: 'get public keys available on mirrors',
  description: 'list the public keys that mirrors offer; with `--install --trust`, trust them all',
  flags: [
    { name: 'install', short: 'i', help: 'install the keys that mirrors offer; needs `--trust`' },
    { name: 'trust', short: 't', help: 'trust all downloaded keys' },
    { name: 'force', short: 'f', help: 'accepted for compatibility; keys are always downloaded anew' },
  ],
  run: async (invocation, args) => {
    const mirrors = binaryMirrors(configuredMirrors(await configuration(invocation)))
    if (mirrors.length === 0) {
      throw new SpackError('no-mirror', 'there is no mirror with binaries', {
        hint: 'add one: `spack mirror add NAME URL`',
      })
    }
    const offers = await keysOf(
      invocation,
      mirrors.filter(({ isSigned }) => isSigned),
    )
    if (!flagOn(args, 'install') || !flagOn(args, 'trust'))
      return await showKeys(invocation, offers, flagOn(args, 'install'))
    let failed = offers.failed
    for (const { mirror, key } of offers.keys) failed = !(await trustOffer(invocation, mirror, key)) || failed
    return failed ? 1 : 0
  },
}

interface Offers {
  keys: { mirror: Mirror; key: OfferedKey }[]
  /** Some mirror could not be read, and that was said. */
  failed: boolean
}

async function keysOf(invocation: Invocation, mirrors: readonly Mirror[]): Promise<Offers> {
  const transport = await invocationTransport(invocation)
  const offers: Offers = { keys: [], failed: false }
  for (const mirror of mirrors) {
    try {
      offers.keys.push(...(await offeredKeys(mirror, transport)).map((key) => ({ mirror, key })))
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      offers.failed = true
      invocation.say(`==> Warning: mirror \`${mirror.name}\`: ${error.message}\n`)
    }
  }
  return offers
}

/** One line a key; whether it is trusted already is known without OpenPGP.js. */
async function showKeys(invocation: Invocation, offers: Offers, wantsInstall: boolean): Promise<number> {
  const { loadKeyring } = await import('../buildcache/keyring.ts')
  const trusted = await loadKeyring(spackPaths(invocation.environ).gpgHome)
  for (const { mirror, key } of offers.keys) {
    const isTrusted = trusted.keys.some(({ fingerprint }) => fingerprint === key.fingerprint.toUpperCase())
    invocation.print(`${key.fingerprint}  ${isTrusted ? 'trusted' : 'not trusted'}  ${mirror.name}\n`)
  }
  if (wantsInstall) invocation.say('==> no key was installed: add `--trust` to trust all of them\n')
  return offers.failed ? 1 : 0
}

/** Trusts what a mirror offers, provided that it is the key that the mirror's list says. */
async function trustOffer(invocation: Invocation, mirror: Mirror, key: OfferedKey): Promise<boolean> {
  const { keysIn, shownId, trustKeys } = await import('../buildcache/key-store.ts')
  const { userOf } = await import('../buildcache/key-table.ts')
  const found = await keysIn(key.bytes)
  const wanted = key.fingerprint.toLowerCase()
  if (!found.length || !found.every((entry) => entry.getFingerprint().endsWith(wanted))) {
    invocation.say(`==> Warning: mirror \`${mirror.name}\`: \`${key.url}\` is not the key ${key.fingerprint}\n`)
    return false
  }
  for (const outcome of await trustKeys(spackPaths(invocation.environ).gpgHome, key.bytes, key.url)) {
    const user = `${shownId(outcome.key)} (${userOf(outcome.key)})`
    const what = outcome.change === 'added' ? 'is now trusted' : 'was trusted already'
    invocation.say(`==> key ${user} of mirror \`${mirror.name}\` ${what}\n`)
  }
  return true
}

/** What Spack has and we do not: writing caches comes later, the rest has better names. */
const missing: Readonly<Record<string, string>> = {
  push: 'build caches are only read so far',
  create: 'build caches are only read so far',
  'update-index': 'build caches are only read so far',
  'rebuild-index': 'build caches are only read so far',
  sync: 'build caches are only read so far',
  prune: 'build caches are only read so far',
  migrate: 'build caches are only read so far',
  'save-specfile': 'build caches are only read so far',
  check: 'build caches are only listed and installed from so far',
  'check-index': 'build caches are only listed and installed from so far',
  download: 'build caches are only listed and installed from so far',
  install: 'use `spack install --use-buildcache=only`',
}

const unavailable = Object.entries(missing).map(
  ([name, reason]): Command => ({
    name,
    summary: `not available: ${reason}`,
    positional: '...',
    takesAnything: true,
    run: () => {
      throw new SpackError('not-available', `\`spack buildcache ${name}\` is not available`, { hint: reason })
    },
  }),
)

export const buildcache: Command = {
  name: 'buildcache',
  summary: 'create, download and install binary packages',
  subcommands: [list, keys, ...unavailable],
}
