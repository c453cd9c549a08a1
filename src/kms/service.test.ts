import { expect, test } from '@jest/globals'
import { alice, openKms, refusal, region, stranger } from './kms.fixture.ts'
import { kmsOperations } from './operations/index.ts'

const plaintext = Buffer.from('a secret')
const unknownId = '12345678-1234-1234-1234-123456789012'

test('a key is found by its id, its ARN, its alias and its alias ARN', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey()
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: id })
  for (const KeyId of [id, arn, 'alias/app', `arn:aws:kms:${region}:111122223333:alias/app`]) {
    expect(await call('Encrypt', { KeyId, Plaintext: plaintext })).toMatchObject({ KeyId: arn })
  }
})

test.each([
  ['no-uuid', "NotFoundException: Invalid keyId 'no-uuid'"],
  ['123456781234123412341234567890ab', "NotFoundException: Invalid keyId '123456781234123412341234567890ab'"],
  ['mrk-x', "NotFoundException: Invalid keyId 'mrk-x'"],
  [unknownId, `NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/${unknownId}' does not exist`],
  [
    `arn:aws:kms:us-east-1:111122223333:key/${unknownId}`,
    `NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/${unknownId}' does not exist`,
  ],
  [`arn:aws:kms:eu-west-1:111122223333:key/${unknownId}`, 'NotFoundException: Invalid arn eu-west-1'],
  ['alias/no', 'NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/no is not found.'],
])('the key identifier %s is not found, in the words AWS has for it', async (KeyId, words) => {
  const { call } = await openKms()
  expect(await refusal(call('DescribeKey', { KeyId }))).toBe(words)
})

test('a management operation refuses an alias with InvalidArnException', async () => {
  const { call } = await openKms()
  const words = 'InvalidArnException: Key Aliases are not supported for this operation.'
  expect(await refusal(call('DisableKey', { KeyId: 'alias/app' }))).toBe(words)
})

test('a key whose deletion is cancelled is disabled until it is enabled again', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey()
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 })
  expect(await call('CancelKeyDeletion', { KeyId: id })).toEqual({ KeyId: arn })
  expect(await call('DescribeKey', { KeyId: id })).toMatchObject({ KeyMetadata: { KeyState: 'Disabled' } })
  await call('EnableKey', { KeyId: id })
  expect(await call('Encrypt', { KeyId: id, Plaintext: plaintext })).toMatchObject({ KeyId: arn })
})

test('a key is gone once its waiting period has passed, and its aliases with it', async () => {
  const { call, createKey, ambient } = await openKms()
  const { id, arn } = await createKey()
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: id })
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext: plaintext })
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 })
  ambient.turn(7 * 24 * 3600 * 1000)
  expect(await refusal(call('DescribeKey', { KeyId: id }))).toBe(`NotFoundException: Key '${arn}' does not exist`)
  expect(await refusal(call('DescribeKey', { KeyId: 'alias/app' }))).toContain('is not found.')
  expect(await call('ListKeys')).toEqual({ Keys: [], Truncated: false })
  expect(JSON.stringify(await call('ListAliases'))).not.toContain('alias/app')
  expect(await refusal(call('Decrypt', { CiphertextBlob }))).toContain(
    'AccessDeniedException: The ciphertext refers to',
  )
})

test('DryRun is refused after everything else was found right, and changes nothing', async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  const would = 'DryRunOperationException: The request would have succeeded, but the DryRun option is set.'
  expect(await refusal(call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256', DryRun: true }))).toBe(would)
  const garbage = { CiphertextBlob: Buffer.alloc(200), DryRun: true }
  expect(await refusal(call('Decrypt', garbage))).toBe('InvalidCiphertextException: ')
  await call('DisableKey', { KeyId: id })
  const disabled = await refusal(call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256', DryRun: true }))
  expect(disabled).toBe(`DisabledException: ${arn} is disabled.`)
  expect((await events()).some(({ errorCode }) => errorCode === 'DryRunOperationException')).toBe(true)
})

test("a stranger's account is denied, with AWS's sentence", async () => {
  const { call, createKey } = await openKms()
  const { arn } = await createKey()
  const outcome = await refusal(call('Encrypt', { KeyId: arn, Plaintext: plaintext }, { caller: stranger }))
  expect(outcome).toBe(
    `AccessDeniedException: User: ${stranger.arn} is not authorized to perform: kms:Encrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  )
})

test('a grant token is refused while no grant exists', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const outcome = await refusal(call('Encrypt', { KeyId: id, Plaintext: plaintext, GrantTokens: ['token'] }))
  expect(outcome).toContain('InvalidGrantTokenException')
})

test('alias/aws/s3 is made when S3 first uses it, once, and serves only through S3', async () => {
  const { call, events } = await openKms()
  const KeyId = 'alias/aws/s3'
  const direct = { KeyId, KeySpec: 'AES_256' }
  expect(await refusal(call('GenerateDataKey', direct))).toContain('NotFoundException')
  const [one, two] = await Promise.all([1, 2].map(() => call('GenerateDataKey', direct, { via: 's3' })))
  expect(one?.KeyId).toBe(two?.KeyId)
  const { CiphertextBlob } = one ?? {}
  expect(await call('Decrypt', { CiphertextBlob }, { via: 's3' })).toMatchObject({ Plaintext: one?.Plaintext })
  expect(await refusal(call('Decrypt', { CiphertextBlob }))).toContain('AccessDeniedException')
  expect(await refusal(call('GenerateDataKey', direct))).toContain('AccessDeniedException')
  expect(await call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { KeyManager: 'AWS' } })
  const arn = String(one?.KeyId)
  for (const operation of [
    'DisableKey',
    'ScheduleKeyDeletion',
    'PutKeyPolicy',
    'TagResource',
    'UpdateKeyDescription',
  ]) {
    expect(await refusal(call(operation, inputFor(operation, arn, undefined)))).toContain('AccessDeniedException')
  }
  expect(await refusal(call('DeleteAlias', { AliasName: KeyId }))).toContain('NotAuthorizedException')
  expect((await events()).filter(({ errorCode }) => errorCode === undefined)).toHaveLength(4)
})

test('DescribeKey of the predefined alias makes its key, as on AWS', async () => {
  const { call } = await openKms()
  const described = await call('DescribeKey', { KeyId: 'alias/aws/s3' })
  expect(described).toMatchObject({ KeyMetadata: { KeyManager: 'AWS', KeyState: 'Enabled' } })
  expect(await call('DescribeKey', { KeyId: 'alias/aws/s3' })).toEqual(described)
})

test('no GenerateDataKey succeeds after DisableKey was acknowledged, nor stands behind it in the trail', async () => {
  const { call, createKey, events } = await openKms()
  const { id } = await createKey()
  let acknowledged = false
  let lateSuccesses = 0
  const use = async () => {
    for (let round = 0; round < 20; round++) {
      const begunAfter = acknowledged
      const outcome = await refusal(call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' }))
      if (begunAfter && outcome === 'no refusal') lateSuccesses++
    }
  }
  const disable = async () => {
    await call('Encrypt', { KeyId: id, Plaintext: plaintext })
    await call('DisableKey', { KeyId: id })
    acknowledged = true
  }
  await Promise.all([use(), use(), use(), disable(), use(), use()])
  expect(lateSuccesses).toBe(0)
  const oldestFirst = (await events()).reverse()
  const disabledAt = oldestFirst.findIndex(({ eventName }) => eventName === 'DisableKey')
  const behind = oldestFirst.slice(disabledAt).filter(({ eventName }) => eventName === 'GenerateDataKey')
  expect(behind.length).toBeGreaterThan(0)
  expect(behind.every(({ errorCode }) => errorCode === 'DisabledException')).toBe(true)
})

test.each([...kmsOperations.keys()])('%s is recorded, whatever becomes of it', async (operation) => {
  const { call, events } = await openKms()
  await refusal(call(operation, { KeyId: unknownId }))
  const [event, ...others] = await events()
  expect(others).toEqual([])
  expect(event).toMatchObject({ eventName: operation, eventSource: 'kms.amazonaws.com', awsRegion: region })
})

test('an operation that no KMS has is unknown and not recorded', async () => {
  const { call, events } = await openKms()
  expect(await refusal(call('MakeCoffee'))).toBe('UnknownOperationException: ')
  expect(await events()).toEqual([])
})

test("an event shows what AWS's shows, and never plaintext, ciphertext or key", async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey({ Description: 'd', Tags: [{ TagKey: 'Team', TagValue: 'A' }] })
  const EncryptionContext = { Tenant: 'a' }
  const made = await call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256', EncryptionContext }, { via: 's3' })
  await call('Decrypt', { CiphertextBlob: made.CiphertextBlob, EncryptionContext })
  const [decrypt, generate, create] = await events()
  expect(generate).toMatchObject({
    userIdentity: { arn: alice.arn, invokedBy: 'fas.s3.amazonaws.com' },
    requestParameters: { keyId: id, keySpec: 'AES_256', encryptionContext: EncryptionContext },
    responseElements: null,
    additionalEventData: { keyMaterialId: made.KeyMaterialId },
    readOnly: true,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: arn }],
  })
  expect(decrypt?.requestParameters).toEqual({
    encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    encryptionContext: { Tenant: 'a' },
  })
  expect(create).toMatchObject({
    requestParameters: { description: 'd', policy: '', multiRegion: false, tags: [{ tagKey: 'Team', tagValue: 'A' }] },
    responseElements: { keyMetadata: { aWSAccountId: '111122223333', creationDate: 'Jan 2, 2026, 3:04:05 AM' } },
    readOnly: false,
  })
  const all = JSON.stringify(await events())
  for (const bytes of [made.Plaintext, made.CiphertextBlob]) {
    expect(all).not.toContain(Buffer.from(bytes as Uint8Array).toString('base64'))
  }
})

test('after a restart of the service a ciphertext still opens', async () => {
  const first = await openKms()
  const { id } = await first.createKey()
  const { CiphertextBlob } = await first.call('Encrypt', { KeyId: id, Plaintext: plaintext })
  const { KmsService } = await import('./service.ts')
  const { openRootKey } = await import('../root-key.ts')
  const { database, ambient, trail } = first
  const again = new KmsService({ database, ambient, trail, rootKey: await openRootKey(database, ambient) })
  const from = { caller: alice, region, clientAddress: '', userAgent: '', secure: false, requestId: 'r' }
  const blob = Buffer.from(CiphertextBlob as Uint8Array).toString('base64')
  expect(await again.invoke('Decrypt', { CiphertextBlob: blob }, from)).toMatchObject({ Plaintext: plaintext })
})

const anyGrant = { GranteePrincipal: alice.arn, Operations: ['Decrypt'] }

function inputFor(operation: string, KeyId: string, CiphertextBlob: unknown): object {
  const policy = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' } })
  const inputs: Record<string, object> = {
    Encrypt: { KeyId, Plaintext: plaintext },
    Decrypt: { CiphertextBlob },
    ReEncrypt: { CiphertextBlob, DestinationKeyId: KeyId },
    GenerateDataKey: { KeyId, KeySpec: 'AES_256' },
    GenerateDataKeyWithoutPlaintext: { KeyId, KeySpec: 'AES_256' },
    PutKeyPolicy: { KeyId, Policy: policy },
    CreateAlias: { AliasName: 'alias/new', TargetKeyId: KeyId },
    UpdateAlias: { AliasName: 'alias/old', TargetKeyId: KeyId },
    DeleteAlias: { AliasName: 'alias/old' },
    TagResource: { KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] },
    UntagResource: { KeyId, TagKeys: ['a'] },
    UpdateKeyDescription: { KeyId, Description: 'new' },
    CreateGrant: { KeyId, ...anyGrant },
  }
  return inputs[operation] ?? { KeyId }
}
