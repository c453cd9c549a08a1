import { createHmac } from 'node:crypto'

/*
 * The code that a virtual MFA device shows (RFC 6238, TOTP; RFC 4226, HOTP), as AWS takes it:
 *
 *   seed (Base32) ─▶ HMAC-SHA-1 over the number of half minutes since 1970 ─▶ four bytes of it, at where its last half byte
 *   points, without their first bit ─▶ the last six digits
 */

/** What a principal's codes are made with. */
export interface MfaDevice {
  /** `arn:aws:iam::ACCOUNT:mfa/NAME` */
  serialNumber: string
  /** Base32 without padding, as CreateVirtualMFADevice gives it out. */
  seed: string
}

const step = 30_000

/**
 * Whether a device shows a code about now: clocks may differ by a step (assumption: AWS allows so much).
 * @param now ms since the epoch
 */
export function showsCode({ seed }: MfaDevice, code: string, now: number): boolean {
  return [-step, 0, step].some((shift) => codeAt(seed, now + shift) === code)
}

/** @param time ms since the epoch */
export function codeAt(seed: string, time: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(time / step))))
  const proof = createHmac('sha1', bytesOfBase32(seed)).update(counter).digest()
  const number = proof.readUInt32BE((proof.at(-1) ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytesOfBase32(text: string): Buffer {
  const bits = [...text.toUpperCase()].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}
