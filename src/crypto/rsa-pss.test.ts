import { constants, createHash, generateKeyPairSync, publicDecrypt, sign } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { encodePss, isPssOf } from './rsa-pss.ts'

const salt = Buffer.alloc(32, 7)
const digestOf = (text: string) => createHash('sha256').update(text).digest()
const digest = digestOf('to be signed')

test('An encoding ends with bc, begins with a bit 0, and is the one of its digest alone', () => {
  const encoded = encodePss('sha256', digest, salt, 256)
  expect(encoded).toHaveLength(256)
  expect(encoded.at(-1)).toBe(0xbc)
  expect((encoded[0] ?? 0) & 0x80).toBe(0)
  expect(isPssOf('sha256', digest, encoded)).toBe(true)
  expect(isPssOf('sha256', digestOf('another'), encoded)).toBe(false)
})

test('What OpenSSL signs by RSASSA-PSS is an encoding', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const pss = { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  const signature = sign('sha256', Buffer.from('to be signed'), pss)
  const encoded = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature)
  expect(isPssOf('sha256', digest, encoded)).toBe(true)
})

test('One changed bit anywhere is no encoding: salt, hash, padding and trailer', () => {
  const encoded = encodePss('sha256', digest, salt, 128)
  for (let bit = 0; bit < encoded.length * 8; bit++) {
    const changed = Buffer.from(encoded)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect([bit, isPssOf('sha256', digest, changed)]).toEqual([bit, false])
  }
})

test('A modulus with room for nothing but the salt is enough, and a smaller one is none', () => {
  const shortest = 2 * digest.length + 2
  const encoded = encodePss('sha256', digest, salt, shortest)
  expect(isPssOf('sha256', digest, encoded)).toBe(true)
  for (let length = 0; length < shortest; length++) {
    const rest = encoded.subarray(shortest - length)
    expect([length, isPssOf('sha256', digest, rest)]).toEqual([length, false])
  }
})
