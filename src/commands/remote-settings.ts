// Included settings from the web and from Git repositories, kept in the user's cache below `includes`: files by their digest,
// so that they are downloaded once; checkouts by repository and reference. One of a branch is brought up to date each hour.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defaultNetwork, openTransport } from '../buildcache/transport.ts'
import { writeAtomically } from '../config/edit.ts'
import { type GitReference, type RemoteSettings, settingsName } from '../config/remote-include.ts'
import { makeFolders } from '../folders.ts'
import { withoutPasswords } from '../recipes/git.ts'
import { cloneRepository, isCloned, updateRepository } from '../recipes/repository-clone.ts'
import { base32 } from '../spec/base32.ts'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

type World = Pick<Invocation, 'environ' | 'say'> & { insecure: boolean }

const limitBytes = 32 << 20
const freshMs = 3_600_000

/** Settings as they come to `folder`. */
export const remoteSettings = (folder: string, world: World): RemoteSettings => ({
  file: (url, sha256) => downloaded(folder, url, sha256, world),
  checkout: (reference) => checkedOut(folder, reference, world),
})

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function downloaded(folder: string, url: string, sha256: string | undefined, world: World): Promise<string> {
  const path = join(folder, sha256?.toLowerCase() ?? '', settingsName(url))
  if (sha256 && existsSync(path) && digestOf(readFileSync(path)) === sha256.toLowerCase()) return path
  const shown = withoutPasswords(url)
  world.say(`==> Fetching settings from ${shown}\n`)
  const say = (line: string) => world.say(`==> Warning: ${line}\n`)
  const transport = openTransport({ ...defaultNetwork, verifyTls: !world.insecure }, { environ: world.environ, say })
  const fetched = await transport.fetchBytes(url, { limitBytes })
  if (fetched.kind !== 'content') throw new SpackError('include-missing', `there is nothing at \`${shown}\``)
  const digest = digestOf(fetched.bytes)
  if (digest !== sha256?.toLowerCase()) throw wrongDigest(shown, digest, sha256)
  makeFolders(dirname(path))
  writeAtomically(path, fetched.bytes.toString('utf8'))
  return path
}

const wrongDigest = (url: string, found: string, wanted: string | undefined): SpackError =>
  wanted === undefined
    ? new SpackError('include-digest', `the settings at \`${url}\` are included without a digest`, {
        hint: `look at them, and add \`sha256: ${found}\``,
      })
    : new SpackError('include-digest', `the settings at \`${url}\` are not those that are included`, {
        detail: `  their sha256 is ${found}\n  and not         ${wanted}`,
        hint: 'look at what has changed there before you change the digest',
      })

async function checkedOut(folder: string, reference: GitReference, world: World): Promise<string> {
  const { git, commit, tag, branch } = reference
  const key = base32(
    createHash('sha1')
      .update(JSON.stringify([git, commit, tag, branch]))
      .digest(),
  ).toLowerCase()
  const destination = join(folder, key)
  const remote = { name: 'settings', ...reference, destination }
  const shown = withoutPasswords(git)
  try {
    if (!isCloned(destination)) {
      world.say(`==> Cloning settings from ${shown}\n`)
      await cloneRepository(remote, { environ: world.environ })
    } else if (commit === undefined && tag === undefined && isOld(destination)) {
      await refresh(() => updateRepository(remote, 'origin', { environ: world.environ }), shown, world)
    }
  } catch (error) {
    if (!(error instanceof SpackError) || error.code !== 'repository-clone') throw error
    throw new SpackError('include-git', `settings cannot be cloned from ${shown}`, {
      detail: error.detail,
      hint: 'look at the address and the network, or include the folder of a clone',
      cause: error,
    })
  }
  return destination
}

/** Whether a branch was last fetched long ago. */
function isOld(clone: string): boolean {
  const fetched = statSync(join(clone, '.git/FETCH_HEAD'), { throwIfNoEntry: false }) ?? statSync(clone)
  return Date.now() - fetched.mtimeMs > freshMs
}

/** Settings that are there are used also where their origin cannot be reached. */
async function refresh(update: () => Promise<void>, shown: string, world: World): Promise<void> {
  try {
    await update()
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    world.say(`==> Warning: settings from ${shown} may be old: ${error.message}\n`)
  }
}
