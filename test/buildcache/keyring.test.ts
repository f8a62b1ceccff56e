import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { enums, type PrivateKey } from 'openpgp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createKey, exportedKeys, shownId, trustKeys, untrustKeys } from '../../src/buildcache/key-store.ts'
import { keyboxKeys } from '../../src/buildcache/keybox.ts'
import { loadKeyring } from '../../src/buildcache/keyring.ts'
import { verifySignedText } from '../../src/buildcache/signature.ts'
import { signText } from '../../src/buildcache/signing.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { kit, withKit } from '../support/shared.ts'
import { clearSign, makeKey, revoke, type Signer } from './signing-keys.ts'

const test = suite('keyring')

const publicFile = (...keys: PrivateKey[]): Buffer => Buffer.from(keys.map((key) => key.toPublic().armor()).join('\n'))
const signer = (key: PrivateKey): Signer => key.keyPacket as Signer
const idOf = (key: PrivateKey): string => key.getFingerprint().toUpperCase()

async function problem(message: string, folder: string): Promise<string> {
  const verdict = await verifySignedText(message, await loadKeyring(folder))
  return verdict.kind === 'good' ? 'good' : verdict.problem
}

test('trusted keys are files, and a table made of them', async () => {
  const folder = join(scratch(), 'gpg')
  assert.equal(await loadKeyring(folder), { folder, keys: [] })
  const [a, b] = [await makeKey('a'), await makeKey('b', { subkeys: [{ sign: true }] })]
  const outcomes = await trustKeys(folder, publicFile(a, b), 'keys.asc')
  assert.equal(
    outcomes.map(({ change }) => change),
    ['added', 'added'],
  )
  assert.equal(readdirSync(folder).sort(), ['trusted', 'trusted.json'])
  const { keys } = await loadKeyring(folder)
  assert.equal(keys.map(({ primary }) => primary).sort(), [idOf(a), idOf(b), idOf(b)].sort())
  assert.is((await trustKeys(folder, publicFile(a), 'a.asc'))[0]!.change, 'unchanged')
})

test('the table follows the files, whoever changes them', async () => {
  const folder = scratch()
  const [a, b] = [await makeKey('a'), await makeKey('b')]
  await trustKeys(folder, publicFile(a), 'a.asc')
  const message = await clearSign('{}', signer(b))
  assert.is(await problem(message, folder), 'unknown-key')
  writeFileSync(join(folder, 'trusted', 'b.asc'), publicFile(b))
  assert.is(await problem(message, folder), 'good')
  rmSync(join(folder, 'trusted', 'b.asc'))
  assert.is(await problem(message, folder), 'unknown-key')
  writeFileSync(join(folder, 'trusted.json'), '{"version": 1, "st')
  assert.is(await problem(await clearSign('{}', signer(a)), folder), 'good')
})

test('a keyring that cannot be written to is read all the same', async () => {
  const folder = scratch()
  const key = await makeKey('a')
  await trustKeys(folder, publicFile(key), 'a.asc')
  rmSync(join(folder, 'trusted.json'))
  mkdirSync(join(folder, 'trusted.json.d'))
  chmodSync(folder, 0o500)
  assert.is(await problem(await clearSign('{}', signer(key)), folder), 'good')
  chmodSync(folder, 0o700)
})

test('of several signatures one by a trusted key is enough, unless it has expired', async () => {
  const folder = scratch()
  const [a, stranger] = [await makeKey('a'), await makeKey('stranger')]
  await trustKeys(folder, publicFile(a), 'a.asc')
  assert.is(await problem(await clearSign('{}', [signer(stranger), signer(a)]), folder), 'good')
  assert.is(await problem(await clearSign('{}', [signer(stranger), signer(stranger)]), folder), 'unknown-key')
  const old = new Date(Date.now() - 100_000)
  assert.is(await problem(await clearSign('{}', signer(a), { date: old, lifeS: 1000 }), folder), 'good')
  assert.is(await problem(await clearSign('{}', signer(a), { date: old, lifeS: 50 }), folder), 'bad-signature')
  const later = new Date(Date.now() + 1e9)
  assert.is(await problem(await clearSign('{}', [signer(a), signer(a)], { date: later, lifeS: 5 }), folder), 'good')
})

test('what is not a key is refused by name', async () => {
  const folder = scratch()
  const texts = [
    '',
    'hello',
    '\0\x01\x02',
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n',
  ]
  for (const text of texts) {
    const error = await rejection(trustKeys(folder, Buffer.from(text), 'what.asc'), 'no-key')
    assert.match(error.message, '`what.asc` holds no OpenPGP key')
  }
  mkdirSync(join(folder, 'trusted'))
  writeFileSync(join(folder, 'trusted', 'x.asc'), 'broken')
  const error = await rejection(loadKeyring(folder), 'keyring-broken')
  assert.match(error.message, join(folder, 'trusted', 'x.asc'))
})

test('binary files and secret keys are taken too, and secrets are readable for the owner only', async () => {
  const folder = scratch()
  const [a, b] = [await makeKey('a'), await makeKey('b')]
  await trustKeys(folder, Buffer.from(a.toPublic().write()), 'a.gpg')
  const [outcome] = await trustKeys(folder, Buffer.from(b.armor()), 'b.asc')
  assert.is(outcome!.withSecret, true)
  const file = join(folder, 'secret', `${idOf(b)}.asc`)
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.not.match(readFileSync(join(folder, 'trusted', `${idOf(b)}.asc`), 'utf8'), 'PRIVATE')
  for (const key of [a, b]) assert.is(await problem(await clearSign('{}', signer(key)), folder), 'good')
})

test('a newer copy of a key, and a certificate of revocation, take trust away', async () => {
  for (const asCertificate of [false, true]) {
    const folder = scratch()
    const key = await makeKey('a')
    await trustKeys(folder, publicFile(key), 'a.asc')
    const message = await clearSign('{}', signer(key))
    assert.is(await problem(message, folder), 'good')
    const revoked = await revoke(key, enums.reasonForRevocation.keyCompromised)
    const certificate = await revoked.toPublic().getRevocationCertificate()
    const file = asCertificate ? Buffer.from(String(certificate)) : publicFile(revoked)
    const [outcome] = await trustKeys(folder, file, 'revocation.asc')
    assert.is(outcome!.change, asCertificate ? 'revoked' : 'updated')
    assert.is(await problem(message, folder), 'revoked-key')
    // The old copy does not bring it back.
    await trustKeys(folder, publicFile(key), 'a.asc')
    assert.is(await problem(message, folder), 'revoked-key')
  }
})

test('keys are forgotten by fingerprint, id or user; those that sign only when asked', async () => {
  const folder = scratch()
  const [a, b, c] = [
    await makeKey('alice'),
    await makeKey('bob', { subkeys: [{ sign: true }] }),
    await makeKey('carol'),
  ]
  await trustKeys(folder, publicFile(a, b), 'ab.asc')
  await trustKeys(folder, Buffer.from(c.armor()), 'c.asc')
  await rejection(untrustKeys(folder, ['nobody'], false), 'unknown-key')
  await untrustKeys(folder, ['alice@example'], false)
  await untrustKeys(folder, [`0x${b.subkeys[0]!.getKeyID().toHex()}`], false)
  const refused = await rejection(untrustKeys(folder, [idOf(c)], false), 'key-signs')
  assert.match(refused.hint ?? '', `spack gpg untrust --signing ${shownId(c)}`)
  assert.equal(readdirSync(join(folder, 'trusted')), [`${idOf(c)}.asc`])
  await untrustKeys(folder, [idOf(c)], true)
  assert.equal([readdirSync(join(folder, 'trusted')), readdirSync(join(folder, 'secret'))], [[], []])
})

test('a keybox that leads out of its file is refused', () => {
  const header = Buffer.alloc(32)
  header.writeUInt32BE(32)
  header[4] = 1
  header.write('KBXf', 8, 'latin1')
  const blob = Buffer.alloc(20)
  blob.writeUInt32BE(20)
  blob[4] = 2
  blob.writeUInt32BE(16, 8)
  blob.writeUInt32BE(4, 12)
  assert.equal(keyboxKeys('x', Buffer.concat([header, blob])), [Buffer.alloc(4)])
  const spoiled = [
    [0, 19],
    [3, 21],
    [11, 200],
    [15, 5],
    [12, 255],
  ]
  for (const [at, value] of spoiled) {
    const bad = Buffer.from(blob)
    bad[at!] = value!
    assert.throws(() => keyboxKeys('x', Buffer.concat([header, bad])), /no sound keybox/)
  }
})

withKit(test, 'the key of the kit is trusted from its file', async () => {
  const folder = scratch()
  const [outcome] = await trustKeys(folder, readFileSync(kit('buildcache/key.pub')), 'key.pub')
  assert.is(outcome!.key.getFingerprint().toUpperCase(), '139973C6AF8C37E631A16AEBEE29A3AFB6B6D644')
})

const hasGpg = spawnSync('gpg', ['--version']).status === 0
const withGpg = hasGpg ? test : test.skip

function gpg(home: string, args: string[], input?: string): string {
  const done = spawnSync('gpg', ['--homedir', home, '--batch', '--yes', ...args], { encoding: 'utf8', input })
  assert.is(done.status, 0, done.stderr)
  return done.stdout
}

withGpg('GnuPG reads our keys and signatures, and we read its', async () => {
  const home = scratch('/tmp')
  chmodSync(home, 0o700)
  const ours = await createKey(join(home, 'ours'), { name: 'Us', email: 'us@example.org', comment: 'x', lifeS: 0 })
  assert.is(statSync(join(home, 'ours', 'secret', `${idOf(ours)}.asc`)).mode & 0o777, 0o600)
  gpg(home, ['--import'], exportedKeys([ours], false))
  const signed = await signText(Buffer.from('{\n"a":1\n}'), ours)
  gpg(home, ['--verify'], signed)
  const theirs = ['--passphrase', '', '--quick-gen-key', 'them@example.org']
  for (const [algorithm, digest] of [
    ['rsa3072', 'SHA512'],
    ['ed25519', 'SHA256'],
    ['nistp384', 'SHA384'],
  ]) {
    gpg(home, [...theirs, algorithm!, 'sign', 'never'])
    const key = gpg(home, ['--list-keys', '--with-colons'])
      .match(/^fpr:+([0-9A-F]+)/gm)!
      .at(-1)!
      .replace(/^fpr:+/, '')
    const text = gpg(
      home,
      ['--local-user', key, '--digest-algo', digest!, '--clearsign', '--output', '-'],
      '- {\n"a": 1 \n}\n\n',
    )
    const elsewhere = join(home, `copy-${algorithm}`)
    await trustKeys(elsewhere, Buffer.from(gpg(home, ['--export', '--armor', key])), 'exported')
    const verdict = await verifySignedText(text, await loadKeyring(elsewhere))
    assert.is(verdict.kind === 'good' && verdict.text, '- {\n"a": 1\n}\n', `${algorithm}: ${JSON.stringify(verdict)}`)
    // As it lies in GnuPG's own keyring: a folder that Spack has used is taken over without further ado.
    assert.is(await problem(text, home), 'good')
  }
  const known = (await loadKeyring(home)).keys.map(({ user }) => user)
  assert.is(known.length, 4)
  const refused = await rejection(untrustKeys(home, [idOf(ours)], false), 'gnupg-key')
  assert.match(refused.hint ?? '', '--delete-keys')
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
})

test.run()
