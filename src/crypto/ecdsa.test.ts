import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { expect, test } from '@jest/globals'
import { signDigest, verifyDigest } from './ecdsa.ts'

/** Name, bytes of a coordinate, order of the group: SEC 2, "Recommended Elliptic Curve Domain Parameters". */
const p256 = {
  name: 'prime256v1',
  crv: 'P-256',
  size: 32,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
}
const p521 = {
  name: 'secp521r1',
  crv: 'P-521',
  size: 66,
  n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}
type Curve = typeof p256

const digestOf = (text: string) => createHash('sha256').update(text).digest()
const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytesOf = (number: bigint, size: number) => Buffer.from(number.toString(16).padStart(size * 2, '0'), 'hex')
const modulo = (value: bigint, n: bigint) => ((value % n) + n) % n

/** The x of k·G, and k's key. */
function keyOf({ name, crv, size }: Curve, d: bigint): { r: bigint; privateKey: KeyObject; publicKey: KeyObject } {
  const exchange = createECDH(name)
  exchange.setPrivateKey(bytesOf(d, size))
  const point = exchange.getPublicKey()
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)]
  const jwk = { kty: 'EC', crv, d: bytesOf(d, size).toString('base64url') }
  const coordinates = { x: x.toString('base64url'), y: y.toString('base64url') }
  const privateKey = createPrivateKey({ key: { ...jwk, ...coordinates }, format: 'jwk' })
  return { r: numberOf(x), privateKey, publicKey: createPublicKey(privateKey) }
}

/** What `signDigest` makes of these bytes is k itself. */
const chosen =
  (k: bigint) =>
  (length: number): Buffer =>
    bytesOf(k, length)

/** An INTEGER of DER from the bytes that a test chooses, right or wrong. */
const integer = (content: Uint8Array) => Buffer.concat([Buffer.of(2, content.length), content])
const sequence = (...parts: Uint8Array[]) => {
  const content = Buffer.concat(parts)
  const length = content.length < 128 ? Buffer.of(content.length) : Buffer.of(0x81, content.length)
  return Buffer.concat([Buffer.of(0x30), length, content])
}
const positive = (number: bigint) => {
  const hex = number.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return (bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
}

test('With its key and its k a signature is the one of RFC 6979, A.2.5', () => {
  const { privateKey, publicKey } = keyOf(p256, 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n)
  const k = 0xa6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60n
  const signature = signDigest(privateKey, digestOf('sample'), chosen(k))
  expect(signature.toString('hex')).toBe(
    '3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      '022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  )
  expect(verifyDigest(publicKey, digestOf('sample'), signature)).toBe(true)
  expect(verifyDigest(publicKey, digestOf('simple'), signature)).toBe(false)
})

test.each([
  ['P-256', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
  ['secp256k1', 'sha256'],
])('On %s OpenSSL verifies what is signed here, and signs what is verified here', (namedCurve, hash) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  for (let round = 0; round < 8; round++) {
    const message = randomBytes(20)
    const digest = createHash(hash).update(message).digest()
    expect(verify(hash, message, publicKey, signDigest(privateKey, digest, randomBytes))).toBe(true)
    expect(verifyDigest(publicKey, digest, sign(hash, message, privateKey))).toBe(true)
  }
})

test('A curve that KMS has not is named', () => {
  const { privateKey } = generateKeyPairSync('x25519')
  expect(() => signDigest(privateKey, digestOf(''), randomBytes)).toThrow('ECDSA has no curve X25519 here')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
  expect(() => verifyDigest(rsa.publicKey, digestOf(''), Buffer.alloc(8))).toThrow('no curve undefined')
})

test('The random bytes are 16 more than a coordinate has, and a k of 0 is not taken', () => {
  const { privateKey } = keyOf(p256, 5n)
  const asked: number[] = []
  const given = [0n, p256.n, 9n]
  const random = (length: number) => bytesOf(given[asked.push(length) - 1] ?? 1n, length)
  expect(signDigest(privateKey, digestOf('text'), random)).toEqual(signDigest(privateKey, digestOf('text'), chosen(9n)))
  expect(asked).toEqual([48, 48, 48])
})

test('Where the two points are the same, where one is none, and where they cancel out, the sum is right', () => {
  const d = 0x1234567890abcdefn
  const [{ privateKey, publicKey }, k] = [keyOf(p256, d), 77n]
  const { r } = keyOf(p256, k)
  // z = r·d makes u·G and v·Q one point, z = 0 leaves v·Q alone, z = -r·d gives nothing, whatever s is.
  for (const z of [modulo(r * d, p256.n), 0n]) {
    const digest = bytesOf(z, 32)
    expect(verifyDigest(publicKey, digest, signDigest(privateKey, digest, chosen(k)))).toBe(true)
  }
  const digest = bytesOf(modulo(-r * d, p256.n), 32)
  expect(verifyDigest(publicKey, digest, sequence(integer(positive(r)), integer(positive(99n))))).toBe(false)
})

test('A digest for which s would be 0 takes another k', () => {
  const d = 0x1234567890abcdefn
  const { privateKey } = keyOf(p256, d)
  const digest = bytesOf(modulo(-keyOf(p256, 77n).r * d, p256.n), 32)
  const given = [77n, 78n]
  const random = (length: number) => bytesOf(given.shift() ?? 1n, length)
  expect(signDigest(privateKey, digest, random)).toEqual(signDigest(privateKey, digest, chosen(78n)))
})

test('r and s lie between 0 and the order: what is the same modulo the order is refused', () => {
  const { privateKey, publicKey } = keyOf(p256, 5n)
  const digest = digestOf('text')
  const { r } = keyOf(p256, 9n)
  const signature = signDigest(privateKey, digest, chosen(9n))
  const s = numberOf(signature.subarray(signature.length - 32))
  const encoded = (one: bigint, other: bigint) => sequence(integer(positive(one)), integer(positive(other)))
  expect(verifyDigest(publicKey, digest, encoded(r, s))).toBe(true)
  for (const [one, other] of [
    [r + p256.n, s],
    [r, s + p256.n],
    [0n, s],
    [r, 0n],
    [p256.n, s],
    [r, p256.n],
  ] as const) {
    expect(verifyDigest(publicKey, digest, encoded(one, other))).toBe(false)
  }
})

test('An s of 0, or of the order, is none, even where its inverse taken for 1 would make the signature right', () => {
  const [d, k] = [5n, 9n]
  const { publicKey } = keyOf(p256, d)
  const { r } = keyOf(p256, k)
  // u + v·d = k, with u = z and v = r.
  const digest = bytesOf(modulo(k - r * d, p256.n), 32)
  const encoded = (s: bigint) => sequence(integer(positive(r)), integer(positive(s)))
  expect(verifyDigest(publicKey, digest, encoded(1n))).toBe(true)
  for (const s of [0n, p256.n]) expect(verifyDigest(publicKey, digest, encoded(s))).toBe(false)
})

test('Only DER in its one right form is a signature', () => {
  const { privateKey, publicKey } = keyOf(p256, 5n)
  const digest = digestOf('text')
  const { r } = keyOf(p256, 9n)
  const right = signDigest(privateKey, digest, chosen(9n))
  const s = integer(positive(numberOf(right.subarray(right.length - 32))))
  const padded = integer(Buffer.concat([Buffer.of(0), positive(r)]))
  expect(sequence(integer(positive(r)), s)).toEqual(right)
  const wrong = [
    sequence(padded, s),
    sequence(integer(positive(r)), s, Buffer.of(0)),
    sequence(integer(positive(r))),
    Buffer.concat([right, Buffer.of(0)]),
    Buffer.concat([Buffer.of(0x30, 0x81), right.subarray(1)]),
    Buffer.concat([Buffer.of(0x31), right.subarray(1)]),
    right.subarray(0, -1),
    Buffer.alloc(0),
  ]
  for (const signature of wrong) expect(verifyDigest(publicKey, digest, signature)).toBe(false)
})

test.each([127, 128, 129])('An encoding of %d bytes has its length as DER wants it', (length) => {
  const [d, k] = [0xabcdefn, 3n]
  const { privateKey, publicKey } = keyOf(p521, d)
  const r = keyOf(p521, k).r % p521.n
  const s = 1n << BigInt(8 * (length - 4 - positive(r).length) - 2)
  // s = (z + r·d) / k, turned round for z.
  const digest = bytesOf(modulo(s * k - r * d, p521.n), 66)
  const signature = signDigest(privateKey, digest, chosen(k))
  expect(signature.subarray(1, 3)).toEqual(length < 128 ? Buffer.of(length, 2) : Buffer.of(0x81, length))
  expect(signature).toEqual(sequence(integer(positive(r)), integer(positive(s))))
  expect(verifyDigest(publicKey, digest, signature)).toBe(true)
})
