import { randomBytes } from 'node:crypto'
import { Crc64Nvme } from '@aws-sdk/crc64-nvme'
import { beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checksumAlgorithms, createChecksum, digestLength, loadChecksum } from './checksums.ts'
import { type CombinableChecksum, combineChecksums } from './crc-combination.ts'

beforeAll(() => loadChecksum('XXHASH64'))

function checksumOf(algorithm: (typeof checksumAlgorithms)[number], ...pieces: Uint8Array[]): Buffer {
  const checksum = createChecksum(algorithm)
  for (const piece of pieces) checksum.update(piece)
  return checksum.digest()
}

// The check values of the CRC catalogue, and of FIPS 180-4 and RFC 1321 tools, over "123456789".
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ['MD5', '25f9e794323b453885f5181f1b624d0b'],
] as const)('%s of "123456789" is its published check value', (algorithm, expected) => {
  expect(checksumOf(algorithm, Buffer.from('123456789')).toString('hex')).toBe(expected)
})

test('RFC 3720 gives CRC32C of 32 zeros, 32 ones and the bytes from 0 to 31', () => {
  expect(checksumOf('CRC32C', Buffer.alloc(32)).toString('hex')).toBe('8a9136aa')
  expect(checksumOf('CRC32C', Buffer.alloc(32, 0xff)).toString('hex')).toBe('62a8ab43')
  expect(checksumOf('CRC32C', Buffer.from(Array.from({ length: 32 }, (_, index) => index))).toString('hex')).toBe(
    '46dd794e',
  )
})

test('A digest has the length the table says, of nothing too', () => {
  for (const algorithm of checksumAlgorithms) expect(checksumOf(algorithm)).toHaveLength(digestLength(algorithm))
})

const bytes = fc.uint8Array({ maxLength: 200 })

test('Cutting the bytes anywhere, at any alignment, changes no checksum', () => {
  fc.assert(
    fc.property(bytes, fc.nat(200), fc.nat(7), (whole, cut, offset) => {
      const shifted = new Uint8Array(whole.length + offset).subarray(offset)
      shifted.set(whole)
      for (const algorithm of checksumAlgorithms) {
        expect(checksumOf(algorithm, shifted.subarray(0, cut), shifted.subarray(cut))).toEqual(
          checksumOf(algorithm, whole),
        )
      }
    }),
  )
})

test('CRC64NVME of more than the loop takes at once is what the AWS SDK computes', async () => {
  const whole = randomBytes(300_001)
  const reference = new Crc64Nvme()
  reference.update(whole)
  const expected = Buffer.from(await reference.digest())
  expect(checksumOf('CRC64NVME', whole)).toEqual(expected)
  expect(checksumOf('CRC64NVME', whole.subarray(0, 131_072), whole.subarray(131_072))).toEqual(expected)
})

test('Checksums that are in progress together do not disturb each other', () => {
  const [one, other] = [createChecksum('CRC64NVME'), createChecksum('CRC64NVME')]
  for (const text of ['12', '345', '6789']) {
    one.update(Buffer.from(text))
    other.update(Buffer.from('x'))
  }
  expect(one.digest().toString('hex')).toBe('ae8b14860a799888')
  expect(other.digest()).toEqual(checksumOf('CRC64NVME', Buffer.from('xxx')))
})

test('CRC64NVME is what the AWS SDK computes', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (whole) => {
      const reference = new Crc64Nvme()
      reference.update(whole)
      expect(checksumOf('CRC64NVME', whole)).toEqual(Buffer.from(await reference.digest()))
    }),
  )
})

test('The CRC of two texts joined follows from theirs', () => {
  const algorithms: CombinableChecksum[] = ['CRC32', 'CRC32C', 'CRC64NVME']
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      for (const algorithm of algorithms) {
        const pieces = [a, b].map((piece) => ({ digest: checksumOf(algorithm, piece), size: piece.length }))
        expect(combineChecksums(algorithm, pieces)).toEqual(checksumOf(algorithm, a, b))
      }
    }),
  )
})
