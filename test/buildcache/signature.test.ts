import { enums, type Key, readCleartextMessage } from 'openpgp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keyRows } from '../../src/buildcache/key-table.ts'
import { verifyOrdinary } from '../../src/buildcache/signature.ts'
import type { TrustedKey } from '../../src/buildcache/trusted-key.ts'
import { randomFrom } from '../support/random.ts'
import { clearSign, type KeyOptions, makeKey, revoke, type Signer } from './signing-keys.ts'

const test = suite('signature')

const year = 365 * 86400
const now = Math.floor(Date.now() / 1000)
const at = (secondsAgo: number) => new Date((now - secondsAgo) * 1000)

/** Kinds of keys that can sign, by what is special about them. */
const kinds: Record<string, { options?: Partial<KeyOptions> }> = {
  rsa2048: { options: { type: 'rsa', rsaBits: 2048 } },
  'rsa of odd length': { options: { type: 'rsa', rsaBits: 2056 } },
  p256: { options: { type: 'ecc', curve: 'nistP256' } },
  p384: { options: { type: 'ecc', curve: 'nistP384' } },
  p521: { options: { type: 'ecc', curve: 'nistP521' } },
  ed25519Legacy: {},
  ed25519: { options: { type: 'curve25519' } },
  ed448: { options: { type: 'curve448' } },
  signingSubkey: { options: { subkeys: [{ sign: true }] } },
  withSubkeyToEncrypt: { options: { subkeys: [{}] } },
  expired: { options: { date: at(2 * year), keyExpirationTime: year } },
  expires: { options: { date: at(year), keyExpirationTime: 2 * year } },
  future: { options: { date: at(-year) } },
}

interface World {
  /** What signs, by name of the kind. */
  signers: Record<string, Signer>
  rows: TrustedKey[]
  trusted: Key[]
}
const world: World = { signers: {}, rows: [], trusted: [] }

test.before(async () => {
  for (const [name, { options }] of Object.entries(kinds)) {
    const key = await makeKey(name, options)
    world.signers[name] = key.keyPacket as Signer
    if (name === 'signingSubkey') world.signers[`${name}, the subkey`] = key.subkeys[0]!.keyPacket as Signer
    world.trusted.push(key.toPublic())
  }
  for (const [name, flag] of Object.entries({ compromised: 2, retired: 3 })) {
    const key = await revoke(await makeKey(name), flag)
    world.signers[name] = key.keyPacket as Signer
    world.trusted.push(key.toPublic())
  }
  world.signers.stranger = (await makeKey('stranger')).keyPacket as Signer
  world.rows = (await Promise.all(world.trusted.map(keyRows))).flat()
})

/** What OpenPGP.js itself says, at a time when all signatures have been made: the text when one is good. */
async function oracle(message: string): Promise<string | undefined> {
  try {
    const signed = await readCleartextMessage({ cleartextMessage: message })
    const dates = signed.getSigningKeyIDs().length ? [at(-60), at(-2 * year)] : []
    for (const date of dates) {
      const results = await signed.verify(world.trusted, date)
      const good = await Promise.all(results.map(({ verified }) => verified.then(Boolean, () => false)))
      if (good.includes(true)) return signed.getText()
    }
    return undefined
  } catch {
    return undefined
  }
}

const tally = { good: 0, refused: 0, undecided: 0 }

/** The two may never disagree when ours accepts; when ours refuses for sure, so must the other, but for retired keys. */
async function compare(message: string): Promise<'good' | 'refused' | 'undecided'> {
  const verdict = verifyOrdinary(message, world.rows)
  const truth = await oracle(message)
  const shown = JSON.stringify(message)
  if (verdict?.kind === 'good') assert.is(verdict.text, truth, `accepted here only: ${shown}`)
  if (verdict?.kind === 'refused' && verdict.problem !== 'revoked-key') {
    assert.is(truth, undefined, `refused here only (${verdict.reason}): ${shown}`)
  }
  const outcome = verdict?.kind ?? 'undecided'
  tally[outcome]++
  return outcome
}

const texts: Record<string, string> = {
  manifest: '{\n"version":3,\n"data":[\n{\n"contentLength":459373\n}\n]\n}',
  'final line break': '{}\n',
  'blank lines': '\n\n{\n\n}\n\n\n',
  dashes: '- one\n-two\n-----BEGIN PGP SIGNATURE-----\n--\n-\n- \n- - x',
  'trailing blanks': '{ \t\n"a": 1,  \n \n}\t',
  'carriage returns': '{\r\n"a": 1\r\n}\r\n',
  'no ascii': '{"name": "Zoë \u2028 \u{1f600}"}',
  'one line': '{}',
}
const hashes = [enums.hash.sha256, enums.hash.sha384, enums.hash.sha512]

const ordinary = Object.keys(kinds).filter((kind) => !['ed448', 'future', 'expired'].includes(kind))
for (const kind of [...ordinary, 'signingSubkey, the subkey']) {
  test(`what ${kind} signs is checked here, and judged alike`, async () => {
    for (const hash of hashes) {
      for (const [name, text] of Object.entries(texts)) {
        const message = await clearSign(text, world.signers[kind]!, { hash, date: at(5) })
        assert.is(await compare(message), name === 'no ascii' ? 'undecided' : 'good', `${kind} ${hash} ${message}`)
      }
    }
  })
}

test('what only OpenPGP.js can check is left to it', async () => {
  for (const text of Object.values(texts)) {
    assert.is(await compare(await clearSign(text, world.signers.ed448!)), 'undecided')
  }
  const { rsa2048, p256, stranger } = world.signers
  assert.is(await compare(await clearSign('{}', [rsa2048!, p256!])), 'undecided')
  assert.is(await compare(await clearSign('{}', [stranger!, p256!])), 'undecided')
})

test('a signature counts only when it was made in the life of its key', async () => {
  const cases: [string, number, string][] = [
    ['expired', 2 * year + 1, 'refused'],
    ['expired', 2 * year, 'good'],
    ['expired', year + 1, 'good'],
    ['expired', year, 'refused'],
    ['expired', 5, 'refused'],
    ['expires', year + 1, 'refused'],
    ['expires', year, 'good'],
    ['future', 5, 'refused'],
    ['future', -year, 'good'],
    ['p256', -year, 'good'],
  ]
  for (const [signer, secondsAgo, outcome] of cases) {
    const packet = world.signers[signer]!
    const message = await clearSign('{}', packet, { date: at(secondsAgo) })
    assert.is(await compare(message), outcome, `${signer}, ${secondsAgo} s ago`)
  }
})

test('revoked keys and strangers are refused at once', async () => {
  for (const [name, problem] of Object.entries({
    compromised: 'revoked-key',
    retired: 'revoked-key',
    stranger: 'unknown-key',
  })) {
    const message = await clearSign('{}', world.signers[name]!, { date: at(100) })
    const verdict = verifyOrdinary(message, world.rows)
    assert.is(verdict?.kind === 'refused' && verdict.problem, problem)
    await compare(message)
  }
})

/** Ways to spoil a message; none may be accepted here and refused there. */
const mutations: Record<string, (message: string, random: (below: number) => number) => string> = {
  'one character': (message, random) => {
    const index = random(message.length)
    const character = String.fromCharCode(random(4) ? 32 + random(95) : random(256))
    return message.slice(0, index) + character + message.slice(index + 1)
  },
  'a bit of the signature': (message, random) =>
    rewritePackets(message, (bytes) => {
      const index = random(bytes.length)
      bytes[index] = bytes[index]! ^ (1 << random(8))
      return bytes
    }),
  'a byte near the start of the signature': (message, random) =>
    rewritePackets(message, (bytes) => {
      bytes[random(Math.min(bytes.length, 48))] = random(256)
      return bytes
    }),
  'a subpacket added': (message, random) => rewritePackets(message, (bytes) => addSubpacket(bytes, random)),
  'a piece removed': (message, random) => {
    const index = random(message.length)
    return message.slice(0, index) + message.slice(index + 1 + random(8))
  },
  'a line doubled': (message, random) =>
    onLines(message, (lines) => lines.splice(random(lines.length), 0, lines[random(lines.length)]!)),
  'a line removed': (message, random) => onLines(message, (lines) => lines.splice(random(lines.length), 1)),
  'a line added': (message, random) =>
    onLines(message, (lines) => lines.splice(random(lines.length), 0, oddLines[random(oddLines.length)]!)),
  'line ends': (message, random) =>
    message.replace(/\n/g, () => ['\n', '\r\n', ' \n', '\t\r\n', '\r\r\n', '\n\r'][random(6)]!),
  'packets doubled': (message) => rewritePackets(message, (bytes) => Buffer.concat([bytes, bytes])),
  'junk after the packets': (message, random) =>
    rewritePackets(message, (bytes) => Buffer.concat([bytes, Buffer.alloc(1 + random(3), random(256))])),
  'junk after the end': (message, random) => message + oddLines[random(oddLines.length)]!,
  'junk before the start': (message, random) => `${oddLines[random(oddLines.length)]!}\n${message}`,
}
const oddLines = [
  '',
  ' ',
  '-',
  '- ',
  '- -----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP SIGNATURE-----',
  '-----END PGP SIGNATURE-----',
  '-----BEGIN PGP SIGNED MESSAGE-----',
  'Hash: SHA256',
  'Hash: SHA512',
  'Hash: MD5',
  'Version: GnuPG v1',
  'Comment: x',
  '=aaaa',
  'x',
  '-----BEGIN PGP MESSAGE-----',
  'a\u2028-----BEGIN PGP SIGNATURE-----',
  '\u00a0',
  'a\rb',
]

function onLines(message: string, edit: (lines: string[]) => void): string {
  const lines = message.split('\n')
  edit(lines)
  return lines.join('\n')
}

function rewritePackets(message: string, edit: (bytes: Buffer) => Buffer): string {
  return message.replace(
    /(BEGIN PGP SIGNATURE-----\r?\n(?:[A-Z][^\n]*\n)*\r?\n)([^=-]+={0,2}\r?\n)(=....\r?\n)?(-----END)/,
    (_all, head: string, body: string, _checksum: string, tail: string) => {
      const bytes = edit(Buffer.from(body.replace(/\s/g, ''), 'base64'))
      return `${head}${bytes.toString('base64').replace(/(.{64})/g, '$1\n')}\n${tail}`
    },
  )
}

/** Adds a subpacket to the hashed or the unhashed area; the former spoils the signature, the latter only may. */
function addSubpacket(packet: Buffer, random: (below: number) => number): Buffer {
  const start = packet[0]! & 0x40 ? (packet[1]! < 192 ? 2 : 3) : 1 + [1, 2, 4][packet[0]! & 3]!
  const body = packet.subarray(start)
  const hashedEnd = 6 + body.readUInt16BE(4)
  const unhashedEnd = hashedEnd + 2 + body.readUInt16BE(hashedEnd)
  const content = Buffer.from(Array.from({ length: random(24) }, () => random(256)))
  const added = Buffer.concat([Buffer.from([content.length + 1, random(256)]), content])
  const isHashed = random(2) === 0
  const [lengthAt, end] = isHashed ? [4, hashedEnd] : [hashedEnd, unhashedEnd]
  const fresh = Buffer.concat([body.subarray(0, end), added, body.subarray(end)])
  fresh.writeUInt16BE(body.readUInt16BE(lengthAt) + added.length, lengthAt)
  const header = Buffer.from([0xc2, 0xff, 0, 0, 0, 0])
  header.writeUInt32BE(fresh.length, 2)
  return Buffer.concat([header, fresh])
}

for (const [name, mutate] of Object.entries(mutations)) {
  test(`spoiled by ${name}, nothing is accepted that OpenPGP.js refuses`, async () => {
    const random = randomFrom(name)
    const signers = ['rsa2048', 'p256', 'ed25519Legacy', 'ed25519', 'signingSubkey']
    for (const signer of signers) {
      for (const text of ['manifest', 'dashes', 'trailing blanks']) {
        const message = await clearSign(texts[text]!, world.signers[signer]!)
        for (let n = 0; n < 16; n++) await compare(mutate(message, random))
      }
    }
  })
}

test('enough was decided here for the comparison to mean something', () => {
  assert.ok(tally.good > 200, JSON.stringify(tally))
  assert.ok(tally.refused >= 5, JSON.stringify(tally))
  assert.ok(tally.undecided > 1000, JSON.stringify(tally))
})

test.run()
