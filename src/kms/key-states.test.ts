import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { openKms, refusal } from './kms.fixture.ts'
import { supportedOperations } from './operations/index.ts'

/*
 * Key state × operation (KMS Developer Guide, "Key states of AWS KMS keys"). E1 disabled, E3 pending deletion, E4 not pending
 * deletion, E5 pending import, E6 origin EXTERNAL, E9 origin AWS_KMS. A fourth cell: the key has no material yet.
 */

type Kms = Awaited<ReturnType<typeof openKms>>
type Cell = 'ok' | 'E1' | 'E3' | 'E4' | 'E5' | 'E6' | 'E9'
type Row = [enabled: Cell, disabled: Cell, pendingDeletion: Cell, pendingImport?: Cell]
const states = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport'] as const
type State = (typeof states)[number]

const message = Buffer.from('a secret')

const table: Record<string, Row> = {
  Encrypt: ['ok', 'E1', 'E3', 'E5'],
  Decrypt: ['ok', 'E1', 'E3', 'E5'],
  ReEncrypt: ['ok', 'E1', 'E3', 'E5'],
  GenerateDataKey: ['ok', 'E1', 'E3', 'E5'],
  GenerateDataKeyWithoutPlaintext: ['ok', 'E1', 'E3', 'E5'],
  GenerateDataKeyPair: ['ok', 'E1', 'E3', 'E5'],
  GenerateDataKeyPairWithoutPlaintext: ['ok', 'E1', 'E3', 'E5'],
  Sign: ['ok', 'E1', 'E3', 'E5'],
  Verify: ['ok', 'E1', 'E3', 'E5'],
  DeriveSharedSecret: ['ok', 'E1', 'E3', 'E5'],
  GetPublicKey: ['ok', 'ok', 'E3', 'E5'],
  GenerateMac: ['ok', 'E1', 'E3', 'E5'],
  VerifyMac: ['ok', 'E1', 'E3', 'E5'],
  CreateGrant: ['ok', 'E1', 'E3', 'E5'],
  RetireGrant: ['ok', 'ok', 'ok'],
  RevokeGrant: ['ok', 'ok', 'ok'],
  ListGrants: ['ok', 'ok', 'ok', 'ok'],
  DescribeKey: ['ok', 'ok', 'ok', 'ok'],
  GetKeyLastUsage: ['ok', 'ok', 'ok', 'ok'],
  ListAliases: ['ok', 'ok', 'ok', 'ok'],
  DeleteAlias: ['ok', 'ok', 'ok', 'ok'],
  GetKeyPolicy: ['ok', 'ok', 'ok', 'ok'],
  PutKeyPolicy: ['ok', 'ok', 'ok', 'ok'],
  ListKeyPolicies: ['ok', 'ok', 'ok', 'ok'],
  ListResourceTags: ['ok', 'ok', 'ok', 'ok'],
  ListKeyRotations: ['ok', 'ok', 'ok', 'ok'],
  GetKeyRotationStatus: ['ok', 'ok', 'ok', 'E6'],
  EnableKeyRotation: ['ok', 'E1', 'E3', 'E6'],
  DisableKeyRotation: ['ok', 'E1', 'E3', 'E6'],
  RotateKeyOnDemand: ['ok', 'E1', 'E3', 'E5'],
  CreateAlias: ['ok', 'ok', 'E3', 'ok'],
  UpdateAlias: ['ok', 'ok', 'E3', 'ok'],
  TagResource: ['ok', 'ok', 'E3', 'ok'],
  UntagResource: ['ok', 'ok', 'E3', 'ok'],
  UpdateKeyDescription: ['ok', 'ok', 'E3', 'ok'],
  EnableKey: ['ok', 'ok', 'E3', 'E5'],
  DisableKey: ['ok', 'ok', 'E3', 'E5'],
  ScheduleKeyDeletion: ['ok', 'ok', 'E3', 'ok'],
  CancelKeyDeletion: ['E4', 'E4', 'ok', 'E4'],
  GetParametersForImport: ['E9', 'E9', 'E3', 'ok'],
  ImportKeyMaterial: ['E9', 'E9', 'E3', 'ok'],
  DeleteImportedKeyMaterial: ['E9', 'E9', 'E3', 'ok'],
  ReplicateKey: ['ok', 'E1', 'E3', 'E5'],
  UpdatePrimaryRegion: ['ok', 'E1', 'E3', 'E5'],
}

const cells = Object.entries(table).flatMap(([operation, row]) =>
  states.flatMap((state, index) => {
    const cell = row[index]
    return cell === undefined ? [] : [[operation, state, cell] as const]
  }),
)

test.each(cells)('%s on a key that is %s: %s', async (operation, state, cell) => {
  const kms = await openKms({ asymmetricKeys: true })
  const { id, arn } = await kms.createKey(kindFor(operation, state))
  const input = await inputFor(kms, operation, id, state)
  await bring(kms, id, state)
  expect(await refusal(kms.call(operation, input))).toBe(wordsOf(cell, arn))
})

test('every operation that demands a key stands in the table', () => {
  const demanding = supportedOperations.filter(({ keys }) => keys).map(({ name }) => name)
  expect(demanding.filter((name) => !(name in table))).toEqual([])
})

test('an EXTERNAL key with material stands by the same rows', async () => {
  const kms = await openKms()
  const { id, arn } = await kms.createKey({ Origin: 'EXTERNAL' })
  await importMaterial(kms, id)
  await kms.call('DisableKey', { KeyId: id })
  expect(await refusal(kms.call('Encrypt', { KeyId: id, Plaintext: message }))).toBe(wordsOf('E1', arn))
  expect(await refusal(kms.call('EnableKeyRotation', { KeyId: id }))).toBe(wordsOf('E1', arn))
  await kms.call('EnableKey', { KeyId: id })
  expect(await refusal(kms.call('EnableKeyRotation', { KeyId: id }))).toBe(wordsOf('E6', arn))
})

const asymmetricUsages: Record<string, string> = {
  Sign: 'SIGN_VERIFY',
  Verify: 'SIGN_VERIFY',
  GetPublicKey: 'SIGN_VERIFY',
  DeriveSharedSecret: 'KEY_AGREEMENT',
}

function kindFor(operation: string, state: State): object {
  const origin = state === 'PendingImport' ? { Origin: 'EXTERNAL' } : {}
  if (operation.endsWith('Mac')) return { ...origin, KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }
  const usage = asymmetricUsages[operation]
  if (usage) return { ...origin, KeySpec: 'ECC_NIST_P256', KeyUsage: usage }
  const isOfSets = operation === 'ReplicateKey' || operation === 'UpdatePrimaryRegion'
  return isOfSets ? { ...origin, MultiRegion: true } : origin
}

async function bring({ call }: Kms, KeyId: string, state: State): Promise<void> {
  if (state === 'Disabled') await call('DisableKey', { KeyId })
  if (state === 'PendingDeletion') await call('ScheduleKeyDeletion', { KeyId })
}

function wordsOf(cell: Cell, arn: string): string {
  const words: Record<Cell, string> = {
    ok: 'no refusal',
    E1: `DisabledException: ${arn} is disabled.`,
    E3: `KMSInvalidStateException: ${arn} is pending deletion.`,
    E4: `KMSInvalidStateException: ${arn} is not pending deletion.`,
    E5: `KMSInvalidStateException: ${arn} is pending import.`,
    E6: `UnsupportedOperationException: ${arn} origin is EXTERNAL which is not valid for this operation.`,
    E9: `UnsupportedOperationException: ${arn} origin is AWS_KMS which is not valid for this operation.`,
  }
  return words[cell]
}

const grant = { GranteePrincipal: 'arn:aws:iam::111122223333:user/Bob', Operations: ['Decrypt'] }
const forEver = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }

/** A good input for the key, made while it still can be: a ciphertext, a MAC, a grant, an alias, wrapped material. */
async function inputFor(kms: Kms, operation: string, KeyId: string, state: State): Promise<object> {
  const { call } = kms
  const hasMaterial = state !== 'PendingImport'
  const MacAlgorithm = 'HMAC_SHA_256'
  const lazily: Record<string, () => Promise<object> | object> = {
    Encrypt: () => ({ KeyId, Plaintext: message }),
    Decrypt: async () => ({ CiphertextBlob: await ciphertext(kms, KeyId, hasMaterial), KeyId }),
    ReEncrypt: async () => ({ CiphertextBlob: await ciphertext(kms, KeyId, hasMaterial), DestinationKeyId: KeyId }),
    GenerateDataKey: () => ({ KeyId, KeySpec: 'AES_256' }),
    GenerateDataKeyWithoutPlaintext: () => ({ KeyId, KeySpec: 'AES_256' }),
    GenerateDataKeyPair: () => ({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
    GenerateDataKeyPairWithoutPlaintext: () => ({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
    Sign: () => ({ KeyId, Message: message, SigningAlgorithm: 'ECDSA_SHA_256' }),
    Verify: async () => {
      const input = { KeyId, Message: message, SigningAlgorithm: 'ECDSA_SHA_256' }
      return { ...input, Signature: hasMaterial ? (await call('Sign', input)).Signature : message }
    },
    DeriveSharedSecret: () => ({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: anyPublicKey() }),
    GenerateMac: () => ({ KeyId, Message: message, MacAlgorithm }),
    VerifyMac: async () => {
      const input = { KeyId, Message: message, MacAlgorithm }
      return { ...input, Mac: hasMaterial ? (await call('GenerateMac', input)).Mac : message }
    },
    CreateGrant: () => ({ KeyId, ...grant }),
    RetireGrant: async () => ({ KeyId: await arnOf(kms, KeyId), GrantId: await madeGrant(kms, KeyId) }),
    RevokeGrant: async () => ({ KeyId, GrantId: await madeGrant(kms, KeyId) }),
    PutKeyPolicy: () => ({ KeyId, Policy: openPolicy }),
    CreateAlias: () => ({ AliasName: 'alias/new', TargetKeyId: KeyId }),
    UpdateAlias: async () => ({ AliasName: await madeAlias(kms, KeyId), TargetKeyId: KeyId }),
    DeleteAlias: async () => ({ AliasName: await madeAlias(kms, KeyId) }),
    TagResource: () => ({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
    UntagResource: () => ({ KeyId, TagKeys: ['a'] }),
    UpdateKeyDescription: () => ({ KeyId, Description: 'new' }),
    GetParametersForImport: () => ({ KeyId, ...wrapping }),
    ImportKeyMaterial: () => (hasMaterial ? { KeyId, ...anyMaterial, ...forEver } : wrapped(kms, KeyId)),
    ReplicateKey: () => ({ KeyId, ReplicaRegion: 'eu-west-1' }),
    UpdatePrimaryRegion: async () => {
      if (hasMaterial) await call('ReplicateKey', { KeyId, ReplicaRegion: 'eu-west-1' })
      const isWaiting = state === 'PendingDeletion'
      if (isWaiting) await call('ScheduleKeyDeletion', { KeyId }, { region: 'eu-west-1' })
      return { KeyId, PrimaryRegion: 'eu-west-1' }
    },
  }
  return (await lazily[operation]?.()) ?? { KeyId }
}

function anyPublicKey(): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return publicKey.export({ type: 'spki', format: 'der' })
}

const openPolicy = JSON.stringify({
  Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' },
})
const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }
const anyMaterial = { ImportToken: Buffer.of(1), EncryptedKeyMaterial: Buffer.of(1) }

/** Of the key itself, or (it has no material) of one that has, and that is not asked about. */
async function ciphertext({ call }: Kms, KeyId: string, hasMaterial: boolean): Promise<unknown> {
  if (hasMaterial) return (await call('Encrypt', { KeyId, Plaintext: message })).CiphertextBlob
  return blobNaming(KeyId)
}

/** Nobody can make a real one: only its header is read before the key's state is. */
async function blobNaming(keyId: string): Promise<Buffer> {
  const { sealBlob } = await import('./material/ciphertext-blob.ts')
  const header = { keyId, materialId: 'a'.repeat(64) }
  return sealBlob('Encrypt', header, Buffer.alloc(32), Buffer.alloc(32), message, Buffer.alloc(4))
}

async function arnOf({ call }: Kms, KeyId: string): Promise<unknown> {
  const { KeyMetadata } = await call('DescribeKey', { KeyId })
  return (KeyMetadata as { Arn: string }).Arn
}

async function madeGrant({ call }: Kms, KeyId: string): Promise<unknown> {
  const RetiringPrincipal = 'arn:aws:iam::111122223333:user/Alice'
  return (await call('CreateGrant', { KeyId, ...grant, RetiringPrincipal })).GrantId
}

async function madeAlias({ call }: Kms, KeyId: string): Promise<string> {
  await call('CreateAlias', { AliasName: 'alias/old', TargetKeyId: KeyId })
  return 'alias/old'
}

async function wrapped({ call }: Kms, KeyId: string): Promise<object> {
  const { ImportToken, PublicKey } = await call('GetParametersForImport', { KeyId, ...wrapping })
  const key = createPublicKey({ key: PublicKey as Buffer, format: 'der', type: 'spki' })
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const EncryptedKeyMaterial = publicEncrypt({ key, padding, oaepHash: 'sha256' }, randomBytes(32))
  return { KeyId, ImportToken, EncryptedKeyMaterial, ...forEver }
}

async function importMaterial(kms: Kms, KeyId: string): Promise<void> {
  await kms.call('ImportKeyMaterial', await wrapped(kms, KeyId))
}
