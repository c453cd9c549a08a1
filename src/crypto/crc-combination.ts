/*
 * The CRC of two texts joined, from their CRCs and the length of the second: what a full-object checksum of a multipart
 * upload is made of, without reading a byte again.
 *
 *   crc(A ‖ B) = crc(A) · x^(8·|B|)  +  crc(B)      over polynomials with coefficients 0 and 1, modulo the CRC's own
 *
 * Bits are reflected, as in all three CRCs: the highest bit is the coefficient of 1. Method: Mark Adler, zlib crc32_combine.
 */

/** The reflected polynomial of a CRC and its width in bits. */
interface Polynomial {
  width: bigint
  reflected: bigint
}

const polynomials = {
  CRC32: { width: 32n, reflected: 0xedb88320n },
  CRC32C: { width: 32n, reflected: 0x82f63b78n },
  CRC64NVME: { width: 64n, reflected: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, Polynomial>

export type CombinableChecksum = keyof typeof polynomials

export function isCombinable(algorithm: string): algorithm is CombinableChecksum {
  return Object.hasOwn(polynomials, algorithm)
}

/** The checksum of pieces joined in order, from each one's checksum (big-endian bytes) and length. */
export function combineChecksums(
  algorithm: CombinableChecksum,
  pieces: readonly { digest: Uint8Array; size: number }[],
): Buffer {
  const polynomial = polynomials[algorithm]
  const shifts = new Map<number, bigint>()
  const squares = [oneByte(polynomial)]
  let combined = 0n
  for (const { digest, size } of pieces) {
    const shift = shifts.get(size) ?? powerOfBytes(size, squares, polynomial)
    shifts.set(size, shift)
    combined = multiply(shift, combined, polynomial) ^ toNumber(digest)
  }
  const hexDigits = Number(polynomial.width) / 4
  return Buffer.from(combined.toString(16).padStart(hexDigits, '0'), 'hex')
}

/** x^8 */
function oneByte({ width }: Polynomial): bigint {
  return 1n << (width - 9n)
}

/**
 * x^(8·bytes), by squaring.
 * @param squares x^8, x^16, x^32 …, as many as were needed until now: the next ones are added
 */
function powerOfBytes(bytes: number, squares: bigint[], polynomial: Polynomial): bigint {
  let power = 1n << (polynomial.width - 1n)
  let rest = bytes
  for (let at = 0; rest > 0; at++) {
    const last = squares[at - 1] ?? 0n
    const square = squares[at] ?? multiply(last, last, polynomial)
    squares[at] = square
    if (rest % 2 === 1) power = multiply(power, square, polynomial)
    rest = Math.floor(rest / 2)
  }
  return power
}

function multiply(left: bigint, right: bigint, { width, reflected }: Polynomial): bigint {
  let product = 0n
  let shifted = right
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (left & bit) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ reflected : shifted >> 1n
  }
  return product
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
