import { expect, test } from '@jest/globals'
import { BodyCipher, manifestUnder } from './body-cipher.ts'
import { sealKey } from './sealed-keys.ts'

/* What seals and what opens must not drift together: the bytes of every sealed form, as they were in the first store of this format. */

const key = Buffer.alloc(32, 1)
const fixedBytes = (length: number) => Buffer.alloc(length, 2)
const target = { bucket: 'bucket', key: 'a/key', versionId: 'null' }

async function sealedHex(cipher: BodyCipher): Promise<string> {
  const { salt, segments } = cipher.seal(once(Buffer.from('known text')))
  const pieces: Uint8Array[] = []
  for await (const segment of segments) pieces.push(Buffer.from(segment))
  return `${salt} ${Buffer.concat(pieces).toString('hex')}`
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

test.each([
  ['none', 0, 'AgICAgICAgI= 6b6e6f776e207465787402020202020202025672d67a'],
  ['SSE-S3', 1, 'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI= fb9364851bcc369d515b43f9dfd80c3d71b014f5cff554ee5a21'],
  ['SSE-KMS', 1, 'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI= 571f187fdb5cd1f5f8ccb0d51f42347ac882bbfccaf73a5096fb'],
  [
    'DSSE-KMS',
    2,
    'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI= 4b4a3dc0d683d33329f00ed097c10250ae0523ff87b87df84f37aaed728562796dcce8f222b17b2f661f',
  ],
  ['SSE-C', 1, 'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI= cef5f9cd0c16aba20a2508c3c0ca01bbf926b4fb276d1c19b7ae'],
])('a body under %s', async (scheme, layers, known) => {
  const keys = Array.from({ length: layers }, (_, layer) => Buffer.alloc(32, layer + 1))
  expect(await sealedHex(new BodyCipher(keys, scheme, fixedBytes))).toBe(known)
})

test('a small text', () => {
  expect(new BodyCipher([key], 'SSE-KMS', fixedBytes).sealText('checksum', 'AAAA')).toBe(
    'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgK6h33aPzY3PKzaqtmN78N4zmO+Nw==',
  )
})

test('an object key, with all that its record tells in the clear', () => {
  const facts = {
    scheme: 'SSE-KMS' as const,
    bodyScheme: 'SSE-S3',
    keyArn: 'arn:aws:kms:us-east-1:000000000000:key/1',
    bucketKeyEnabled: true,
    context: { team: 'a' },
    tie: key,
  }
  expect(sealKey(key, Buffer.alloc(32, 3), facts, target, fixedBytes)).toBe(
    'AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIst/bsfH7Y+7p01Nc8SOV60+26nHUvyxtrUVgd9mLa0OL79thvtW173FnPjY4lb5Y=',
  )
})

test('a manifest, under a key and without', () => {
  const bodies = [
    { number: 1, blob: 7, salt: 'c2FsdA==', size: 10 },
    { number: 3, blob: 9, salt: 'c2FsdA==', size: 0 },
  ]
  expect(manifestUnder(key, bodies, target, 'object')).toBe('WNQcFZUphmYWk6LNX0vWSDlg2npoloJSO9g8pZxJX2g=')
  expect(manifestUnder(undefined, bodies, target, 'part')).toBe('ltK8pxzXHVmhMYGB32YEnr2A0Fc/14fuyzckOs9TCG4=')
})
