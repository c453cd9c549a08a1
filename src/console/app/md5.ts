/*
 * MD5 (RFC 1321), because S3 wants that of a customer's key and browsers have none:
 *
 *   bytes │ 0x80 │ zeros │ length in bits, 8 bytes      cut into blocks of 16 words, little-endian
 *   each block: 64 steps over four words, with a constant and a rotation each, added to what was before
 */

const rotations = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

/** @returns the 16 bytes of the MD5 */
export function md5(bytes: Uint8Array): Uint8Array {
  const padded = new DataView(new ArrayBuffer((((bytes.length + 8) >> 6) + 1) << 6))
  bytes.forEach((byte, place) => {
    padded.setUint8(place, byte)
  })
  padded.setUint8(bytes.length, 0x80)
  padded.setBigUint64(padded.byteLength - 8, BigInt(bytes.length) * 8n, true)
  let state: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let block = 0; block < padded.byteLength; block += 64) state = digestBlock(state, padded, block)
  const digest = new DataView(new ArrayBuffer(16))
  state.forEach((word, place) => {
    digest.setUint32(place * 4, word, true)
  })
  return new Uint8Array(digest.buffer)
}

type Words = [a: number, b: number, c: number, d: number]

function digestBlock(before: Words, bytes: DataView, block: number): Words {
  let [a, b, c, d] = before
  for (let step = 0; step < 64; step++) {
    const round = step >> 4
    const [mixed, word] = mix(round, step, [a, b, c, d])
    const constant = Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32)
    const sum = (a + mixed + constant + bytes.getUint32(block + (word & 15) * 4, true)) | 0
    const by = rotations[round * 4 + (step & 3)] ?? 0
    ;[a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0]
  }
  return [before[0] + a, before[1] + b, before[2] + c, before[3] + d]
}

/** @returns what the round makes of three words, and which word of the block the step takes */
function mix(round: number, step: number, [, b, c, d]: Words): [mixed: number, word: number] {
  if (round === 0) return [(b & c) | (~b & d), step]
  if (round === 1) return [(d & b) | (~d & c), 5 * step + 1]
  if (round === 2) return [b ^ c ^ d, 3 * step + 5]
  return [c ^ (b | ~d), 7 * step]
}
