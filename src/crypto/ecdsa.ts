import { createECDH, type KeyObject } from 'node:crypto'

/*
 * ECDSA over a digest that was made elsewhere (FIPS 186-5, 6.4): node:crypto signs and verifies messages only.
 *
 *   sign     r = (k·G).x      s = (z + r·d) / k                  mod n
 *   verify   r = (u·G + v·Q).x     u = z / s     v = r / s        mod n
 *
 * Points k·G and u·G come from OpenSSL; only v·Q and the sum are counted here. A signature is DER: SEQUENCE { r, s }.
 */

interface Curve {
  /** OpenSSL's name */
  name: string
  p: bigint
  a: bigint
  n: bigint
  /** Bytes of a coordinate */
  size: number
}

type Point = { x: bigint; y: bigint } | undefined

const curves: Record<string, Curve> = {
  'P-256': {
    name: 'prime256v1',
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    a: -3n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    size: 32,
  },
  'P-384': {
    name: 'secp384r1',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    a: -3n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    size: 48,
  },
  'P-521': {
    name: 'secp521r1',
    p: 2n ** 521n - 1n,
    a: -3n,
    n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    size: 66,
  },
  secp256k1: {
    name: 'secp256k1',
    p: 2n ** 256n - 2n ** 32n - 977n,
    a: 0n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    size: 32,
  },
}

/**
 * Signs a digest no longer than the curve's order.
 * @param random fresh random bytes, 16 more than a coordinate has. Precondition: never used before with this key
 */
export function signDigest(privateKey: KeyObject, digest: Uint8Array, random: (length: number) => Uint8Array): Buffer {
  const { crv, d } = privateKey.export({ format: 'jwk' })
  const curve = curveOf(crv)
  const z = fromBytes(digest)
  for (;;) {
    const k = fromBytes(random(curve.size + 16)) % curve.n
    const r = k === 0n ? 0n : (timesGenerator(curve, k)?.x ?? 0n) % curve.n
    const s = r === 0n ? 0n : modulo(inverse(k, curve.n) * (z + r * fromBase64(d)), curve.n)
    if (s !== 0n) return sequence(r, s)
  }
}

/** Whether the signature is the key's over this digest. */
export function verifyDigest(publicKey: KeyObject, digest: Uint8Array, signature: Buffer): boolean {
  const { crv, x, y } = publicKey.export({ format: 'jwk' })
  const curve = curveOf(crv)
  const { n } = curve
  const numbers = readSequence(signature)
  if (!numbers?.every((number) => number > 0n && number < n)) return false
  const [r, s] = numbers
  const w = inverse(s, n)
  const u = modulo(fromBytes(digest) * w, n)
  const sum = add(
    curve,
    u === 0n ? undefined : timesGenerator(curve, u),
    times(curve, { x: fromBase64(x), y: fromBase64(y) }, modulo(r * w, n)),
  )
  return sum !== undefined && sum.x % n === r
}

function curveOf(name: string | undefined): Curve {
  const curve = name === undefined ? undefined : curves[name]
  if (!curve) throw new Error(`ECDSA has no curve ${name} here`)
  return curve
}

/** k·G: the public key of k. */
function timesGenerator({ name, size }: Curve, k: bigint): Point {
  const exchange = createECDH(name)
  exchange.setPrivateKey(Buffer.from(k.toString(16).padStart(size * 2, '0'), 'hex'))
  const point = exchange.getPublicKey()
  return { x: fromBytes(point.subarray(1, 1 + size)), y: fromBytes(point.subarray(1 + size)) }
}

function times(curve: Curve, point: Point, factor: bigint): Point {
  let sum: Point
  let double = point
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) sum = add(curve, sum, double)
    double = add(curve, double, double)
  }
  return sum
}

function add({ p, a }: Curve, one: Point, other: Point): Point {
  if (!one || !other) return one ?? other
  if (one.x === other.x && modulo(one.y + other.y, p) === 0n) return undefined
  const slope =
    one.x === other.x
      ? (3n * one.x * one.x + a) * inverse(2n * one.y, p)
      : (other.y - one.y) * inverse(other.x - one.x, p)
  const x = modulo(slope * slope - one.x - other.x, p)
  return { x, y: modulo(slope * (one.x - x) - one.y, p) }
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high] = [modulo(value, modulus), modulus]
  let [factor, other] = [1n, 0n]
  while (low > 1n) {
    const quotient = high / low
    ;[low, high] = [high - quotient * low, low]
    ;[factor, other] = [other - quotient * factor, factor]
  }
  return modulo(factor, modulus)
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus
  return rest < 0n ? rest + modulus : rest
}

function fromBytes(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
}

function fromBase64(text: string | undefined): bigint {
  return fromBytes(Buffer.from(text ?? '', 'base64url'))
}

function sequence(...values: bigint[]): Buffer {
  const content = Buffer.concat(values.map(derInteger))
  return Buffer.concat([Buffer.of(0x30), derLength(content.length), content])
}

/** Signed, so a leading one bit takes a zero byte before it. */
function derInteger(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  const content = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
  return Buffer.concat([Buffer.of(2), derLength(content.length), content])
}

function derLength(length: number): Buffer {
  return length < 0x80 ? Buffer.of(length) : Buffer.of(0x81, length)
}

/** @returns nothing for what is not exactly one SEQUENCE of two INTEGERs, in DER */
function readSequence(bytes: Buffer): [r: bigint, s: bigint] | undefined {
  const content = bytes.subarray(bytes[1] === 0x81 ? 3 : 2)
  const first = content.subarray(2, 2 + (content[1] ?? 0))
  const second = content.subarray(4 + first.length, 4 + first.length + (content[3 + first.length] ?? 0))
  const [r, s] = [fromBytes(first), fromBytes(second)]
  return sequence(r, s).equals(bytes) ? [r, s] : undefined
}
