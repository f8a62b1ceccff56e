// `spack verify`: what of the installed packages has changed since, or does not hold any more.

import { checkFile, checkPrefix, type Findings } from '../store/install-manifest.ts'
import type { StoredSpec } from '../store/query.ts'
import { SpackError } from '../ui/error.ts'
import type { Arguments, Command, Flag } from './command.ts'
import { flagOn } from './command.ts'
import { findOne, openInstalled, specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'

const manifestFlags: readonly Flag[] = [
  { name: 'local', short: 'l', help: 'verify only locally installed packages' },
  { name: 'json', short: 'j', help: 'output json-formatted errors' },
  { name: 'all', short: 'a', help: 'verify all packages' },
  { name: 'specs', short: 's', help: 'treat entries as specs (default)' },
  { name: 'files', short: 'f', help: 'treat entries as absolute filenames; cannot be used with `-a`' },
]

const manifest = { positional: '[specs_or_files ...]', flags: manifestFlags, run: verifyManifest }

export const verify: Command = {
  name: 'verify',
  summary: 'verify spack installations on disk',
  subcommands: [
    {
      name: 'manifest',
      summary: 'verify that install directories have not been modified since installation',
      ...manifest,
    },
    {
      name: 'libraries',
      summary: 'verify that shared libraries of installed packages can be located in rpaths (Linux only)',
      load: async () => (await import('./verify-libraries.ts')).verifyLibraries,
    },
    {
      name: 'versions',
      summary: 'check that all versions of installed packages are known to their recipes and not deprecated',
      load: async () => (await import('./verify-versions.ts')).verifyVersions,
    },
  ],
  // Before Spack 1.0 there was nothing else to verify.
  ...manifest,
}

async function verifyManifest(invocation: Invocation, args: Arguments): Promise<number> {
  const print = (findings: Findings, heading: string) =>
    printFindings(invocation, findings, heading, flagOn(args, 'json'))
  if (flagOn(args, 'files')) {
    if (flagOn(args, 'all')) throw usage('`--all` cannot be used with `--files`')
    let isWhole = true
    for (const file of args.positional) isWhole = print(await checkFile(file), '') && isWhole
    return isWhole ? 0 : 1
  }
  let isWhole = true
  for (const { spec, record } of await specsToVerify(invocation, args)) {
    if (record.node.external || record.path === null) continue
    const heading = `==> In package ${spec.name}/${record.hash.slice(0, 7)}\n`
    isWhole = print(await checkPrefix(record.path), heading) && isWhole
  }
  return isWhole ? 0 : 1
}

async function specsToVerify(invocation: Invocation, args: Arguments): Promise<StoredSpec[]> {
  const asked = specArguments(args)
  const all = flagOn(args, 'all')
  if (!asked.length && !all) throw usage('name specs to verify, or give `--all`')
  const { installed } = await openInstalled(invocation, asked)
  const query = { tree: flagOn(args, 'local') ? 'local' : 'all' }
  if (!all) return asked.map((spec) => findOne(installed, spec, query))
  return asked.length ? asked.flatMap((spec) => installed.find({ ...query, spec })) : installed.find(query)
}

/** Whether nothing was found. */
function printFindings(invocation: Invocation, findings: Findings, heading: string, json: boolean): boolean {
  if (findings.size === 0) return true
  if (json) {
    invocation.print(`${JSON.stringify(Object.fromEntries(findings))}\n`)
    return false
  }
  const texts = [...findings].map(
    ([path, faults]) =>
      `${path} verification failed with error(s):\n${faults.map((fault) => `    ${fault}\n`).join('')}`,
  )
  invocation.print(`${heading}${texts.join('')}\n`)
  return false
}

const usage = (message: string): SpackError => new SpackError('usage', message, { exitCode: 2 })
