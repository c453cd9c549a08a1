import { expect, test } from '@jest/globals'
import { type RecordKind, recordKind } from '../../store/keyspace.ts'
import { openKms, refusal } from '../kms.fixture.ts'

const day = 24 * 3600 * 1000
const keptKinds: RecordKind<object>[] = [
  recordKind<object>()('key', ['string', 'string']),
  recordKind<object>()('keyMaterial', ['string', 'string']),
  recordKind<object>()('keyAlias', ['string', 'string', 'string']),
  recordKind<object>()('grant', ['string', 'string', 'string']),
]

async function recordsLeft({ database }: Awaited<ReturnType<typeof openKms>>): Promise<number> {
  let count = 0
  for (const kind of keptKinds) for await (const _ of database.entries(kind)) count++
  return count
}

test('the sweeper removes a deleted key with its material, aliases and grants, and the trail has KMS’s own event', async () => {
  const kms = await openKms()
  const { call, createKey, ambient, service, events } = kms
  const { id, arn } = await createKey()
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: id })
  const GranteePrincipal = 'arn:aws:iam::111122223333:user/Bob'
  await call('CreateGrant', { KeyId: id, GranteePrincipal, Operations: ['Decrypt'] })
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 })
  await service.sweep()
  expect(await recordsLeft(kms)).toBe(4)
  ambient.turn(7 * day)
  await service.sweep()
  await service.sweep()
  expect(await recordsLeft(kms)).toBe(0)
  const deletions = (await events()).filter(({ eventName }) => eventName === 'DeleteKey')
  expect(deletions).toHaveLength(1)
  expect(deletions[0]).toMatchObject({
    userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
    eventType: 'AwsServiceEvent',
    sourceIPAddress: 'AWS Internal',
    requestParameters: null,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: arn }],
    readOnly: false,
  })
  // As it is delivered.
  expect(JSON.parse(JSON.stringify(deletions[0]))).not.toHaveProperty('requestID')
  expect(await refusal(call('DescribeKey', { KeyId: id }))).toContain('NotFoundException')
})

test('a key whose deletion is cancelled in time is left alone', async () => {
  const kms = await openKms()
  const { call, createKey, ambient, service } = kms
  const { id } = await createKey()
  await call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 })
  ambient.turn(6 * day)
  await call('CancelKeyDeletion', { KeyId: id })
  ambient.turn(6 * day)
  await service.sweep()
  expect(await call('DescribeKey', { KeyId: id })).toMatchObject({ KeyMetadata: { KeyState: 'Disabled' } })
})

test('import tokens are kept a week after they expired, and then removed', async () => {
  const { call, createKey, ambient, service, database } = await openKms()
  const { id } = await createKey({ Origin: 'EXTERNAL' })
  const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }
  await call('GetParametersForImport', { KeyId: id, ...wrapping })
  const tokens = async () => {
    let count = 0
    for await (const _ of database.entries(recordKind<object>()('importToken', ['string']))) count++
    return count
  }
  ambient.turn(2 * day)
  await service.sweep()
  expect(await tokens()).toBe(1)
  ambient.turn(6 * day)
  await service.sweep()
  expect(await tokens()).toBe(0)
})
