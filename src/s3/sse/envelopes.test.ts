import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { NotAuthentic } from '../../crypto/aead.ts'
import type { EncryptionRequest, Envelope, EnvelopeRecord, SealTarget } from './envelope.ts'
import { EnvelopeFixture, type Stored, sessionOf, target } from './envelopes.fixture.ts'
import { checkCustomerKey } from './keyring.ts'

let fixtures: EnvelopeFixture[] = []
afterEach(async () => {
  for (const { database } of fixtures) await database.close()
  fixtures = []
})

async function openFixture(folder?: string): Promise<EnvelopeFixture> {
  const fixture = await EnvelopeFixture.open(folder)
  fixtures.push(fixture)
  return fixture
}

const customerKeyOf = (key: Buffer) => ({ key, keyMd5: createHash('md5').update(key).digest('base64') })
const customerKey = customerKeyOf(randomBytes(32))
const schemes: Record<string, EncryptionRequest> = {
  none: { scheme: 'unasked' },
  'SSE-S3': { scheme: 'SSE-S3' },
  'SSE-KMS': { scheme: 'SSE-KMS', context: { tenant: 'a' } },
  'SSE-KMS with a bucket key': { scheme: 'SSE-KMS', bucketKey: true },
  'DSSE-KMS': { scheme: 'DSSE-KMS' },
  'SSE-C': { scheme: 'SSE-C', customerKey },
}
const sealing = Object.entries(schemes).slice(1)
const session = sessionOf()

interface Kept {
  record: EnvelopeRecord
  body: Stored
  mac: string
}

const listed = ({ blob, salt, size }: Stored) => [{ number: 1, blob, salt, size }]

async function keep(
  fixture: EnvelopeFixture,
  request: EncryptionRequest,
  plaintext: Buffer,
  where = target,
): Promise<Kept> {
  const envelope = await fixture.envelopes.envelopeFor(request, undefined, where, session)
  const body = await fixture.store(envelope, plaintext)
  // Through JSON, as the store keeps it.
  const record = JSON.parse(JSON.stringify(envelope.recordFor(where)))
  return { record, body, mac: envelope.manifest(listed(body), where) }
}

function reopen(fixture: EnvelopeFixture, record: EnvelopeRecord, where: SealTarget = target): Promise<Envelope> {
  return fixture.envelopes.openEnvelope(record, where, record.scheme === 'SSE-C' ? customerKey : undefined, session)
}

async function load(
  fixture: EnvelopeFixture,
  { record, body, mac }: Kept,
  where = target,
  first = 0,
  last = body.size - 1,
) {
  const envelope = await reopen(fixture, record, where)
  envelope.checkManifest(mac, listed(body), where)
  return fixture.load(envelope, body, first, last)
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return changed
}

describe.each(Object.entries(schemes))('under %s', (_, request) => {
  test.each([0, 1, 1000, 262_143, 262_144, 262_145, 600_000])('%d bytes come back, whole and in part', async (size) => {
    const fixture = await openFixture()
    const plaintext = randomBytes(size)
    const kept = await keep(fixture, request, plaintext)
    expect((await load(fixture, kept)).equals(plaintext)).toBe(true)
    for (const [first, last] of [
      [0, 0],
      [size - 1, size - 1],
      [Math.floor(size / 3), Math.floor(size / 2)],
      [262_143, 262_144],
    ] as const) {
      if (first < 0 || last >= size) continue
      expect((await load(fixture, kept, target, first, last)).equals(plaintext.subarray(first, last + 1))).toBe(true)
    }
  })

  test('an upload is bound to its own id first, and to the version at its completion', async () => {
    const fixture = await openFixture()
    const uploading = { ...target, versionId: 'upload-1' }
    const kept = await keep(fixture, request, Buffer.from('part'), uploading)
    const opened = await reopen(fixture, kept.record, uploading)
    const [record, mac] = [opened.recordFor(target), opened.manifest(listed(kept.body), target)]
    expect((await load(fixture, { ...kept, record, mac })).toString()).toBe('part')
    await expect(load(fixture, { ...kept, record, mac }, uploading)).rejects.toThrow(NotAuthentic)
  })

  test('a small text comes back for its own purpose', async () => {
    const fixture = await openFixture()
    const { record } = await keep(fixture, request, Buffer.from('x'))
    const envelope = await reopen(fixture, record)
    const sealed = envelope.sealText('checksum', 'AAAA')
    expect(envelope.openText('checksum', sealed)).toBe('AAAA')
    if (record.scheme === 'none') return
    expect(sealed).not.toContain('AAAA')
    expect(() => envelope.openText('other', sealed)).toThrow(NotAuthentic)
  })
})

/** Of a record that is read as that of another place. KMS notices first what is in its encryption context, `aws:s3:arn`. */
function refusalElsewhere(request: EncryptionRequest, field: keyof SealTarget): object {
  const noticed: Record<string, (keyof SealTarget)[]> = {
    'SSE-KMS': 'bucketKey' in request ? ['bucket'] : ['bucket', 'key'],
    'DSSE-KMS': ['bucket', 'key'],
  }
  const isInContext = noticed[request.scheme]?.includes(field)
  return isInContext ? { code: 'KMS.InvalidCiphertextException' } : { constructor: NotAuthentic }
}

describe.each(Object.entries(schemes))('tampering under %s', (_, request) => {
  const plaintext = randomBytes(2 * 262_144 + 5000)

  async function prepared() {
    const fixture = await openFixture()
    const kept = await keep(fixture, request, plaintext)
    const keys = await fixture.database.bodies.keys().all()
    const change = async (index: number, edit: (segment: Buffer) => Buffer) => {
      const at = keys[index] ?? Buffer.alloc(0)
      const segment = await fixture.database.bodies.get(at)
      await fixture.database.bodies.put(at, edit(Buffer.from(segment ?? '')))
    }
    return { fixture, kept, keys, change }
  }

  test('a flipped bit in a stored segment fails whole and ranged reads', async () => {
    for (const segment of [0, 1, 2]) {
      const { fixture, kept, change } = await prepared()
      await change(segment, (bytes) => flipped(bytes, 12_345))
      await expect(load(fixture, kept)).rejects.toThrow(NotAuthentic)
      const first = segment * 262_144
      await expect(load(fixture, kept, target, first, first)).rejects.toThrow(NotAuthentic)
    }
  })

  test('a truncated, a missing and an exchanged segment fail', async () => {
    const truncated = await prepared()
    await truncated.change(2, (bytes) => bytes.subarray(0, -1))
    await expect(load(truncated.fixture, truncated.kept)).rejects.toThrow(NotAuthentic)
    const missing = await prepared()
    await missing.fixture.database.bodies.del(missing.keys[1] ?? Buffer.alloc(0))
    await expect(load(missing.fixture, missing.kept)).rejects.toThrow('segment 1 is missing')
    const exchanged = await prepared()
    const other = await exchanged.fixture.database.bodies.get(exchanged.keys[1] ?? Buffer.alloc(0))
    await exchanged.change(0, () => Buffer.from(other ?? ''))
    await expect(load(exchanged.fixture, exchanged.kept)).rejects.toThrow(NotAuthentic)
  })

  test('a tampered first segment fails before a byte is given', async () => {
    const { fixture, kept, change } = await prepared()
    await change(0, (bytes) => flipped(bytes, 3))
    const envelope = await reopen(fixture, kept.record)
    const read = (first: number, count: number) => fixture.blobs.read(kept.body.blob, first, count)
    await expect(envelope.open(kept.body, 0, kept.body.size - 1, read)).rejects.toThrow(NotAuthentic)
  })

  test('a changed salt, size, or list of bodies fails', async () => {
    const { fixture, kept } = await prepared()
    const { body } = kept
    const envelope = await reopen(fixture, kept.record)
    const salt = flipped(Buffer.from(body.salt, 'base64'), 7).toString('base64')
    await expect(fixture.load(envelope, { ...body, salt })).rejects.toThrow(NotAuthentic)
    await expect(fixture.load(envelope, { ...body, size: body.size - 1 })).rejects.toThrow(NotAuthentic)
    await expect(fixture.load(envelope, { ...body, size: 262_144 })).rejects.toThrow(NotAuthentic)
    const two = [...listed(body), { number: 2, blob: body.blob + 1, salt: 'other', size: 3 }]
    const mac = envelope.manifest(two, target)
    envelope.checkManifest(mac, two, target)
    expect(() => envelope.checkManifest(mac, two.slice(0, 1), target)).toThrow(NotAuthentic)
    expect(() => envelope.checkManifest(mac, [...two].reverse(), target)).toThrow(NotAuthentic)
    expect(() => envelope.checkManifest(mac, [], target)).toThrow(NotAuthentic)
    expect(() => envelope.checkManifest(mac, two, target, 'part')).toThrow(NotAuthentic)
    const renumbered = two.map((entry) => ({ ...entry, number: entry.number + 1 }))
    expect(() => envelope.checkManifest(mac, renumbered, target)).toThrow(NotAuthentic)
    expect(() => envelope.checkManifest('', two, target)).toThrow(NotAuthentic)
    for (const field of ['bucket', 'key', 'versionId'] as const) {
      expect(() => envelope.checkManifest(mac, two, { ...target, [field]: 'other' })).toThrow(NotAuthentic)
    }
    // A salt that goes on as the list does, whatever stands between: base64 stops at its `=`, so it would still open the first.
    for (const [between, behind] of [
      [',', ' '],
      ['",', '],['],
      ['\n', '\n'],
    ]) {
      const salt = [`${body.salt}${between}${body.size}${behind}2`, body.blob + 1, 'other'].join(between)
      expect(() => envelope.checkManifest(mac, [{ number: 1, blob: body.blob, salt, size: 3 }], target)).toThrow(
        NotAuthentic,
      )
    }
  })

  test('records of two objects, and of two versions, do not stand for each other', async () => {
    const fixture = await openFixture()
    const mine = await keep(fixture, request, Buffer.from('mine'))
    for (const field of ['bucket', 'key', 'versionId'] as const) {
      const other = { ...target, [field]: 'other' }
      const theirs = await keep(fixture, request, Buffer.from('them'), other)
      await expect(load(fixture, theirs)).rejects.toMatchObject(refusalElsewhere(request, field))
      await expect(load(fixture, mine, other)).rejects.toMatchObject(refusalElsewhere(request, field))
      await expect(load(fixture, { ...mine, body: theirs.body, mac: theirs.mac })).rejects.toThrow(NotAuthentic)
    }
  })
})

describe.each(sealing)('a record under %s', (_, request) => {
  /** What a reader gets for a changed field: most do not authenticate, some name another key. */
  const refusals: Record<string, object> = {
    // KMS is asked to open what it never made.
    dataKey: { code: 'KMS.InvalidCiphertextException' },
    salt: { code: 'AccessDenied' },
    check: { code: 'AccessDenied' },
  }

  test('does not open with a bit changed in any sealed field', async () => {
    const fixture = await openFixture()
    const { record } = await keep(fixture, request, Buffer.from('text'))
    expect(record.sealed).toHaveProperty('objectKey')
    for (const [name, value] of Object.entries(record.sealed ?? {})) {
      const changed = name === 'boundTo' ? `${value}x` : flipped(Buffer.from(value, 'base64'), 77).toString('base64')
      const opening = reopen(fixture, { ...record, sealed: { ...record.sealed, [name]: changed } })
      await expect(opening).rejects.toMatchObject(refusals[name] ?? { constructor: NotAuthentic })
    }
  })

  test('does not open as that of another object, upload or version', async () => {
    const fixture = await openFixture()
    const mine = await keep(fixture, request, Buffer.from('mine'))
    for (const field of ['bucket', 'key', 'versionId'] as const) {
      const other = { ...target, [field]: 'other' }
      const theirs = await keep(fixture, request, Buffer.from('them'), other)
      await expect(reopen(fixture, mine.record, other)).rejects.toMatchObject(refusalElsewhere(request, field))
      await expect(fixture.load(await reopen(fixture, mine.record), theirs.body)).rejects.toThrow(NotAuthentic)
      const sealed = { ...mine.record.sealed, objectKey: theirs.record.sealed?.objectKey ?? '' }
      await expect(reopen(fixture, { ...mine.record, sealed })).rejects.toThrow(NotAuthentic)
    }
  })

  test('does not open when what it tells in the clear is changed', async () => {
    const fixture = await openFixture()
    const { record } = await keep(fixture, request, Buffer.from('text'))
    const otherKey = await fixture.createKey()
    const changes: Partial<EnvelopeRecord>[] = record.keyArn
      ? [{ keyArn: otherKey }, { keyArn: undefined }, { keyArn: `${record.keyArn} ` }]
      : []
    const body = { sealed: { ...record.sealed, bodyScheme: 'SSE-KMS with another name' } }
    if (record.scheme !== 'SSE-C') changes.push(body)
    for (const change of changes) {
      await expect(reopen(fixture, { ...record, ...change })).rejects.toThrow(NotAuthentic)
    }
  })
})

test.each(Object.entries(schemes))(
  '16 bytes of the plaintext are in the data folder only without encryption: %s',
  async (scheme, request) => {
    const folder = await mkdtemp(join(tmpdir(), 'sealed-'))
    const fixture = await EnvelopeFixture.open(folder)
    const plaintext = randomBytes(300_000)
    await keep(fixture, request, plaintext)
    await fixture.database.close()
    expect(await isPlaintextIn(folder, plaintext)).toBe(scheme === 'none')
    await rm(folder, { recursive: true })
  },
)

async function isPlaintextIn(folder: string, plaintext: Buffer): Promise<boolean> {
  const windows = new Set<string>()
  for (let offset = 0; offset + 16 <= plaintext.length; offset++) {
    windows.add(plaintext.toString('latin1', offset, offset + 16))
  }
  for (const level of ['records', 'bodies']) {
    for (const name of await readdir(join(folder, level))) {
      const bytes = await readFile(join(folder, level, name))
      for (let offset = 0; offset + 16 <= bytes.length; offset++) {
        if (windows.has(bytes.toString('latin1', offset, offset + 16))) return true
      }
    }
  }
  return false
}

describe('SSE-C', () => {
  const request: EncryptionRequest = { scheme: 'SSE-C', customerKey }

  test('neither the key nor its MD5 is in the record', async () => {
    const { record } = await keep(await openFixture(), request, Buffer.from('text'))
    const text = JSON.stringify(record)
    const digest = Buffer.from(customerKey.keyMd5, 'base64')
    for (const secret of [customerKey.key, digest]) {
      for (const form of ['base64', 'hex', 'latin1'] as const) expect(text).not.toContain(secret.toString(form))
    }
  })

  test('another key is refused: 403 on a read, 400 on a part', async () => {
    const fixture = await openFixture()
    const { record } = await keep(fixture, request, Buffer.from('text'))
    for (const other of [customerKeyOf(randomBytes(32)), customerKeyOf(randomBytes(44))]) {
      await expect(fixture.envelopes.openEnvelope(record, target, other, session)).rejects.toMatchObject({
        code: 'AccessDenied',
        status: 403,
        message:
          'Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.',
      })
      expect(() => checkCustomerKey(record, other, 'part')).toThrow(
        'The provided encryption parameters did not match the ones used originally.',
      )
    }
    checkCustomerKey(record, customerKey, 'part')
  })

  test('an upload is completed without the key, and reads need it', async () => {
    const fixture = await openFixture()
    const uploading = { ...target, versionId: 'upload-1' }
    const { record, body } = await keep(fixture, request, Buffer.from('part'), uploading)
    const keyless = await fixture.envelopes.openEnvelope(record, uploading, undefined, session)
    const completed = { record: keyless.recordFor(target), body, mac: keyless.manifest(listed(body), target) }
    expect((await load(fixture, completed)).toString()).toBe('part')
    const unopened = await fixture.envelopes.openEnvelope(completed.record, target, undefined, session)
    await expect(async () => fixture.load(unopened, body)).rejects.toThrow('The correct parameters must be provided')
  })

  test('a bucket that blocks it refuses', async () => {
    const fixture = await openFixture()
    const blocked = { algorithm: 'AES256' as const, bucketKeyEnabled: false, blockedEncryptionTypes: 'SSE-C' as const }
    await expect(fixture.envelopes.envelopeFor(request, blocked, target, session)).rejects.toMatchObject({
      status: 403,
    })
  })
})

test('UpdateObjectEncryption re-seals the object key; bodies, manifest and texts stay', async () => {
  const fixture = await openFixture()
  const first = await fixture.envelopes.envelopeFor({ scheme: 'SSE-S3' }, undefined, target, session)
  const body = await fixture.store(first, Buffer.from('text'))
  const [mac, checksum] = [first.manifest(listed(body), target), first.sealText('checksum', 'AAAA')]
  const keyId = await fixture.createKey()
  const resealed = await fixture.envelopes.reseal(
    first.recordFor(target),
    { scheme: 'SSE-KMS', keyId },
    target,
    session,
  )
  const record = JSON.parse(JSON.stringify(resealed.recordFor(target)))
  expect(record).toMatchObject({ scheme: 'SSE-KMS', keyArn: keyId })
  expect((await load(fixture, { record, body, mac })).toString()).toBe('text')
  expect((await reopen(fixture, record)).openText('checksum', checksum)).toBe('AAAA')
  const again = await fixture.envelopes.reseal(record, { scheme: 'SSE-KMS', bucketKey: true }, target, session)
  expect((await load(fixture, { record: again.recordFor(target), body, mac })).toString()).toBe('text')
})
