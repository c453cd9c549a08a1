import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { afterEach, expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { openRootKey } from '../../root-key.ts'
import { Database } from '../../store/database.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { accountId, region } from '../kms.fixture.ts'
import {
  findImportToken,
  makeImportToken,
  sweepImportTokens,
  unwrapMaterial,
  type WrappingAlgorithm,
} from './import-token.ts'
import { PrivateKeyMaker } from './private-keys.ts'

const day = 86_400_000
const key: KeyRecord = {
  ...{ keyId: 'k', accountId, region, description: '', creationDate: 0, enabled: true, policy: '', tags: [] },
  ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', origin: 'EXTERNAL', keyManager: 'CUSTOMER' },
}
let databases: Database[] = []
afterEach(async () => {
  for (const database of databases) await database.close()
  databases = []
})

async function opened(algorithm: WrappingAlgorithm, now = 1000) {
  const database = await Database.open({})
  databases.push(database)
  const rootKey = await openRootKey(database, new TurnableAmbient())
  const parts = { rootKey, privateKeys: new PrivateKeyMaker(), randomBytes, now }
  const made = await database.transact((transaction) =>
    makeImportToken(key, 'RSA_2048', algorithm, { transaction, ...parts }),
  )
  const find = (token = made.token) => findImportToken(database, rootKey, token)
  const publicKey = createPublicKey({ key: made.publicKey, type: 'spki', format: 'der' })
  return { database, ...made, publicKey, find }
}

test('A token is 33 bytes, stands for its key and algorithm, and lives a day', async () => {
  const { token, validTo, publicKey, find } = await opened('RSAES_OAEP_SHA_256')
  expect([token.length, token[0], validTo]).toEqual([33, 1, 1000 + day])
  expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65_537n })
  expect(find()).toMatchObject({ keyArn: arnOf(key), algorithm: 'RSAES_OAEP_SHA_256', validTo })
  expect(find(randomBytes(33))).toBeUndefined()
  expect(find(Buffer.alloc(0))).toBeUndefined()
})

const hashes = { SHA_1: 'sha1', SHA_256: 'sha256' } as const

test.each(['SHA_1', 'SHA_256'] as const)('Material comes out as it was wrapped by RSAES-OAEP with %s', async (hash) => {
  const { publicKey, find } = await opened(`RSAES_OAEP_${hash}`)
  const material = randomBytes(32)
  const wrap = (oaepHash: string) =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, material)
  const token = find()
  if (!token) throw new Error('A token was expected')
  expect(unwrapMaterial(token, wrap(hashes[hash]))).toEqual(material)
  expect(unwrapMaterial(token, wrap(hash === 'SHA_1' ? 'sha256' : 'sha1'))).toBeUndefined()
  expect(unwrapMaterial(token, randomBytes(256))).toBeUndefined()
})

test.each(['SHA_1', 'SHA_256'] as const)(
  'Material comes out as it was wrapped by RSA_AES_KEY_WRAP with %s',
  async (hash) => {
    const { publicKey, find } = await opened(`RSA_AES_KEY_WRAP_${hash}`)
    const token = find()
    if (!token) throw new Error('A token was expected')
    for (const length of [16, 24, 32]) {
      const [wrappingKey, material] = [randomBytes(length), randomBytes(1217)]
      const cipher = createCipheriv(`id-aes${length * 8}-wrap-pad`, wrappingKey, Buffer.from('a65959a6', 'hex'))
      const padding = constants.RSA_PKCS1_OAEP_PADDING
      const wrapped = Buffer.concat([
        publicEncrypt({ key: publicKey, padding, oaepHash: hashes[hash] }, wrappingKey),
        cipher.update(material),
        cipher.final(),
      ])
      expect(unwrapMaterial(token, wrapped)).toEqual(material)
      for (const end of [0, 255, 256, wrapped.length - 8]) {
        expect(unwrapMaterial(token, wrapped.subarray(0, end))).toBeUndefined()
      }
    }
  },
)

test('An expired token is kept a week, and swept then', async () => {
  const { database, validTo, find } = await opened('RSAES_OAEP_SHA_256')
  await sweepImportTokens(database, validTo + 7 * day - 1)
  expect(find()?.validTo).toBe(validTo)
  await sweepImportTokens(database, validTo + 7 * day)
  expect(find()).toBeUndefined()
})
