// The way from a concrete spec to a verified binary: which mirror has it, is its manifest signed by a trusted key, is it
// of this package, and what must the archive's digest be. No index is read. A mirror that has nothing acceptable is a
// refusal with its reason, and the next one is asked.

import { isUtf8 } from 'node:buffer'
import type { SpecNode } from '../spec/node.ts'
import { SpackError } from '../ui/error.ts'
import { isSignedText, splitUnchecked } from './armour.ts'
import { type Blob, blobErrorCodes, openBlob, readBlob } from './blob.ts'
import {
  type LegacyNames,
  legacyNames,
  readSpecFile,
  signedSpecUrl,
  specFileLimitBytes,
  unsignedSpecUrl,
} from './layout-v2.ts'
import { shownUrl } from './location.ts'
import {
  blobOf,
  broken,
  isRecord,
  type Manifest,
  manifestLimitBytes,
  parseObject,
  readManifest,
  specManifestUrl,
  within,
} from './manifest.ts'
import type { LayoutVersion, Mirror } from './mirror.ts'
import { type SignatureProblem, verifySignedText } from './signature.ts'
import { type Transport, transportErrorCodes } from './transport.ts'
import type { Keyring, TrustedKey } from './trusted-key.ts'

/** Which binary is wanted. A plain value; `binaryRequest` makes it of a node. */
export interface BinaryRequest {
  name: string
  version: string
  hash: string
  /** Only for specs of old formats, which alone can be in caches of layout 2. */
  legacy?: LegacyNames
}

export interface BinaryPolicy {
  transport: Transport
  keyring: Keyring
  /** Overrides what the mirrors say, as `--no-check-signature` does. */
  checkSignatures?: boolean
  /**
   * Whoever uses the binary reads the spec in the archive and throws `wrong-package` for another one: then the spec that lies
   * beside the archive need not be fetched as well.
   */
  userChecksPackage?: boolean
}

export interface Binary {
  mirror: Mirror
  layout: LayoutVersion
  /** Undefined when signatures were not asked for. */
  signer?: TrustedKey
  archive: Blob & {
    /** The stored (compressed) bytes. Ends with an error unless size and digest are right. */
    open: () => AsyncIterable<Buffer>
  }
}

export type RefusalProblem =
  | SignatureProblem
  | 'missing'
  | 'wrong-package'
  | 'broken'
  | 'damaged'
  | 'unreadable'
  | 'unreachable'
  | 'unsupported'

export interface Refusal {
  mirror: string
  layout: LayoutVersion
  problem: RefusalProblem
  reason: string
  hint?: string
}

/** What to ask for to get the binary of a node. Throws SpackError `not-concrete` for a node without version or hash. */
export function binaryRequest(node: SpecNode): BinaryRequest {
  const { name, version, hash } = node
  if (!version || !hash)
    throw new SpackError('not-concrete', `\`${name}\` has no version and hash to look for in a mirror`)
  const legacy = legacyNames(node)
  return { name, version, hash, ...(legacy ? { legacy } : {}) }
}

/** What became of trying; `refusals` also tells of the mirrors that came before the one that served. */
export type TryAnswer<Value> =
  | { kind: 'used'; value: Value; refusals: readonly Refusal[] }
  | { kind: 'refused'; refusals: readonly Refusal[] }

/**
 * Gives `use` one acceptable binary after the other until it takes one. When the archive turns out damaged or cannot be read
 * to its end, that is a refusal too and the next mirror is tried; other errors of `use` pass through.
 */
export async function tryBinaries<Value>(
  mirrors: readonly Mirror[],
  request: BinaryRequest,
  policy: BinaryPolicy,
  use: (binary: Binary) => Promise<Value>,
): Promise<TryAnswer<Value>> {
  const refusals: Refusal[] = []
  for (const mirror of mirrors) {
    if (!mirror.contents.includes('binary')) continue
    for (const layout of mirror.layouts) {
      if (layout === 2 && !request.legacy) continue
      const attempt = { mirror, layout, request, policy }
      const found = await settle(attempt, () => candidate(attempt))
      if ('problem' in found) refusals.push(found)
      else {
        const used = await settle(attempt, async () => ({ value: await use(found) }))
        if ('value' in used) return { kind: 'used', value: used.value, refusals }
        refusals.push(used)
      }
      // Nobody is there to ask for the other layout.
      if (['unreachable', 'unsupported'].includes(refusals.at(-1)?.problem ?? '')) break
    }
  }
  return { kind: 'refused', refusals }
}

interface Attempt {
  mirror: Mirror
  layout: LayoutVersion
  request: BinaryRequest
  policy: BinaryPolicy
}

/** Turns the errors that concern one mirror into its refusal. */
async function settle<Value>(attempt: Attempt, action: () => Promise<Value | Refusal>): Promise<Value | Refusal> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const problem = problemOf(error.code)
    if (!problem) throw error
    return refusal(attempt, problem, error.message, error.hint)
  }
}

function problemOf(code: string): RefusalProblem | undefined {
  if (code === 'manifest-broken' || code === 'manifest-version' || code === 'mirror-path') return 'broken'
  if (code === 'mirror-unreachable') return 'unreachable'
  if (code === 'wrong-package') return 'wrong-package'
  if (code === 'mirror-scheme' || code === 'mirror-url') return 'unsupported'
  if (blobErrorCodes.includes(code)) return 'damaged'
  return transportErrorCodes.includes(code) ? 'unreadable' : undefined
}

function refusal(attempt: Attempt, problem: RefusalProblem, reason: string, hint?: string): Refusal {
  return { mirror: attempt.mirror.name, layout: attempt.layout, problem, reason, ...(hint ? { hint } : {}) }
}

const candidate = (attempt: Attempt): Promise<Binary | Refusal> =>
  attempt.layout === 3 ? candidateV3(attempt) : candidateV2(attempt)

async function candidateV3(attempt: Attempt): Promise<Binary | Refusal> {
  const { mirror, request, policy } = attempt
  const url = specManifestUrl(mirror.fetchUrl, request)
  const text = await fetchText(attempt, url, manifestLimitBytes)
  if (text === undefined) return missing(attempt, url)
  const checked = await checkedText(attempt, url, text)
  if ('problem' in checked) return checked
  const manifest = within(url, () => readManifest(checked.text, mirror.fetchUrl))
  const archive = within(url, () => blobOf(manifest, 'archive'))
  const other = policy.userChecksPackage ? undefined : otherPackage(request, await rootNode(attempt, manifest, url))
  if (other) return refusal(attempt, 'wrong-package', `\`${shownUrl(url)}\` is the manifest of ${other}`)
  return binary(attempt, checked.signer, archive)
}

async function candidateV2(attempt: Attempt): Promise<Binary | Refusal> {
  const { mirror, request } = attempt
  if (!request.legacy) return missing(attempt, mirror.fetchUrl)
  const named = { ...request, legacy: request.legacy }
  let url = signedSpecUrl(mirror.fetchUrl, named)
  let text = await fetchText(attempt, url, specFileLimitBytes)
  if (text === undefined) {
    url = unsignedSpecUrl(mirror.fetchUrl, named)
    text = await fetchText(attempt, url, specFileLimitBytes)
  }
  if (text === undefined) return missing(attempt, url)
  const checked = await checkedText(attempt, url, text)
  if ('problem' in checked) return checked
  const file = within(url, () => readSpecFile(checked.text, mirror.fetchUrl, named))
  const other = otherPackage(request, file.nodes[0])
  if (other) return refusal(attempt, 'wrong-package', `\`${shownUrl(url)}\` is the spec file of ${other}`)
  return binary(attempt, checked.signer, file.archive)
}

function binary({ mirror, layout, policy }: Attempt, signer: TrustedKey | undefined, archive: Blob): Binary {
  const open = () => openBlob(policy.transport, archive, mirror.credentials)
  return { mirror, layout, ...(signer ? { signer } : {}), archive: { ...archive, open } }
}

/** The text that may be believed: what the signature covers, or all of it when none is needed. */
async function checkedText(
  attempt: Attempt,
  url: string,
  text: string,
): Promise<{ text: string; signer?: TrustedKey } | Refusal> {
  const { mirror, policy } = attempt
  if (!(policy.checkSignatures ?? mirror.isSigned)) return { text: isSignedText(text) ? splitUnchecked(text) : text }
  const verdict = await verifySignedText(text, policy.keyring)
  if (verdict.kind === 'good') return { text: verdict.text, signer: verdict.signer }
  const hint = verdict.problem === 'not-signed' ? notSignedHint(mirror.name) : verdict.hint
  return refusal(attempt, verdict.problem, `\`${shownUrl(url)}\` is refused: ${verdict.reason}`, hint)
}

const notSignedHint = (mirror: string): string =>
  `if what is in the mirror need not be signed: \`spack mirror set --unsigned ${mirror}\`, or \`--no-check-signature\` once`

/**
 * The first node of the spec blob. A signature only says who wrote a manifest, not under which name it may lie: without
 * this a trusted manifest of an older or another package could be put in the place of this one.
 */
async function rootNode(attempt: Attempt, manifest: Manifest, url: string): Promise<unknown> {
  const { mirror, policy } = attempt
  const blob = within(url, () => blobOf(manifest, 'spec'))
  const options = { limitBytes: specFileLimitBytes, credentials: mirror.credentials }
  const bytes = await readBlob(policy.transport, blob, options)
  return within(blob.url, () => {
    const { spec } = parseObject(bytes.toString('utf8'))
    if (!isRecord(spec) || !Array.isArray(spec.nodes)) throw broken('it holds no spec')
    return spec.nodes[0]
  })
}

/** Undefined when `node` is what was asked for, else what it is. */
function otherPackage(request: BinaryRequest, node: unknown): string | undefined {
  const { name, version, hash } = isRecord(node) ? node : {}
  if (name === request.name && hash === request.hash) return undefined
  const shown = [name, version, hash].map((text) => (typeof text === 'string' ? printable(text) : '?'))
  return `\`${shown[0]}@${shown[1]} /${shown[2]}\`, not of this package`
}

/** What comes from outside must not forge the lines that it is shown in. */
const printable = (text: string): string => text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')

const missing = (attempt: Attempt, url: string): Refusal =>
  refusal(attempt, 'missing', `there is no \`${shownUrl(url)}\``)

async function fetchText({ mirror, policy }: Attempt, url: string, limitBytes: number): Promise<string | undefined> {
  const fetched = await policy.transport.fetchBytes(url, { limitBytes, credentials: mirror.credentials })
  return fetched.kind === 'content' ? within(url, () => utf8(fetched.bytes)) : undefined
}

function utf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw broken('it is not text in UTF-8')
  return bytes.toString('utf8')
}

/** One error that tells for each mirror why it could not serve. */
export function noBinary(request: BinaryRequest, refusals: readonly Refusal[]): SpackError {
  const shown = `\`${request.name}@${request.version} /${request.hash.slice(0, 7)}\``
  if (refusals.length === 0) {
    return new SpackError('no-binary', `there is no mirror to fetch a binary of ${shown} from`, {
      hint: 'add one: `spack mirror add NAME URL`',
    })
  }
  const telling = refusals.filter(({ problem }) => problem !== 'missing')
  const lines = (telling.length ? telling : refusals).map(({ mirror, reason }) => `  mirror \`${mirror}\`: ${reason}`)
  const hint = telling.find((entry) => entry.hint)?.hint
  return new SpackError('no-binary', `no mirror has a binary of ${shown} that can be used`, {
    detail: [...new Set(lines)].join('\n'),
    ...(hint ? { hint } : {}),
  })
}
