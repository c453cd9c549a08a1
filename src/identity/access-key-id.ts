import { identifierLetters } from '../aws/caller.ts'

/*
 * An access key's id tells its account (evidence: iam-key-account):
 *
 *   AKIA │ 8 letters of base 32: account div 2 + 549755813888 │ A–P even, Q–7 odd │ 7 letters of chance
 */

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const offset = 549_755_813_888

/** @param random 8 bytes */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', accountId: string, random: Uint8Array): string {
  let rest = Math.floor(Number(accountId) / 2) + offset
  let account = ''
  for (let place = 0; place < 8; place++) {
    account = letters.charAt(rest % 32) + account
    rest = Math.floor(rest / 32)
  }
  const parity = letters.charAt(((random[0] ?? 0) % 16) + (Number(accountId) % 2) * 16)
  return prefix + account + parity + identifierLetters(random.subarray(1, 8))
}

/** The account that an id tells. @returns undefined for an id of another form */
export function accountOfAccessKey(id: string): string | undefined {
  if (!/^A[KS]IA[A-Z2-7]{16}$/.test(id)) return undefined
  let value = 0
  for (const letter of id.slice(4, 12)) value = value * 32 + letters.indexOf(letter)
  const account = (value - offset) * 2 + (letters.indexOf(id.charAt(12)) < 16 ? 0 : 1)
  return account >= 0 && account < 1e12 ? String(account).padStart(12, '0') : undefined
}
