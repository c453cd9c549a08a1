import { expect, test } from '@jest/globals'
import { accountId, openKms, refusal, region } from '../kms.fixture.ts'

const arnOf = (name: string) => `arn:aws:kms:${region}:${accountId}:${name}`

test('an alias names its key, moves to another and goes', async () => {
  const { call, createKey, ambient } = await openKms()
  const [one, two] = [await createKey(), await createKey()]
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: one.id })
  const created = ambient.now() / 1000
  ambient.turn(5000)
  await call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: two.arn })
  expect(await call('ListAliases')).toEqual({
    Aliases: [
      {
        AliasName: 'alias/app',
        AliasArn: arnOf('alias/app'),
        TargetKeyId: two.id,
        CreationDate: created,
        LastUpdatedDate: created + 5,
      },
    ],
    Truncated: false,
  })
  expect(await call('ListAliases', { KeyId: one.id })).toEqual({ Aliases: [], Truncated: false })
  expect(await call('DescribeKey', { KeyId: 'alias/app' })).toMatchObject({ KeyMetadata: { KeyId: two.id } })
  await call('DeleteAlias', { AliasName: 'alias/app' })
  expect(await call('ListAliases')).toEqual({ Aliases: [], Truncated: false })
})

test('an alias that exists is not made again, one that does not is neither moved nor deleted', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const input = { AliasName: 'alias/app', TargetKeyId: id }
  const notFound = `NotFoundException: Alias ${arnOf('alias/app')} is not found.`
  expect(await refusal(call('UpdateAlias', input))).toBe(notFound)
  expect(await refusal(call('DeleteAlias', { AliasName: 'alias/app' }))).toBe(notFound)
  const both = await Promise.all([1, 2].map(() => refusal(call('CreateAlias', input))))
  expect(both).toEqual([
    'no refusal',
    `AlreadyExistsException: An alias with the name ${arnOf('alias/app')} already exists`,
  ])
})

test.each([
  ['app', 'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws'],
  ['alias/aws/s3', 'NotAuthorizedException'],
  ['alias/a:b', 'InvalidAliasNameException'],
  [
    'alias/ä',
    "ValidationException: 1 validation error detected: Value 'alias/ä' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
  ],
])('CreateAlias refuses the name %s', async (AliasName, words) => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  expect(await refusal(call('CreateAlias', { AliasName, TargetKeyId: id }))).toContain(words)
})

test('an alias cannot be the target of an alias', async () => {
  const { call } = await openKms()
  for (const TargetKeyId of ['alias/other', arnOf('alias/other')]) {
    const outcome = await refusal(call('CreateAlias', { AliasName: 'alias/app', TargetKeyId }))
    expect(outcome).toBe('ValidationException: Aliases must refer to keys. Not aliases')
  }
})

test('an alias may leave a key that is pending deletion, not come to one', async () => {
  const { call, createKey } = await openKms()
  const [old, fresh] = [await createKey(), await createKey()]
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: old.id })
  await call('ScheduleKeyDeletion', { KeyId: old.id })
  expect(await refusal(call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: fresh.id }))).toBe('no refusal')
  const back = await refusal(call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: old.id }))
  expect(back).toBe(`KMSInvalidStateException: ${old.arn} is pending deletion.`)
})

test('an alias moves only between keys of one type', async () => {
  const { call, createKey } = await openKms()
  const [plain, rsa] = [await createKey(), await createKey({ KeySpec: 'RSA_2048' }, { fixture: {} })]
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: plain.id })
  const outcome = await refusal(call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: rsa.id }))
  expect(outcome).toContain('ValidationException')
})

test('a key has at most 50 aliases, listed page by page', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const create = (index: number) => call('CreateAlias', { AliasName: `alias/${index + 100}`, TargetKeyId: id })
  for (let index = 0; index < 50; index++) await create(index)
  expect(await refusal(create(50))).toContain('LimitExceededException')
  const first = await call('ListAliases', { KeyId: id, Limit: 30 })
  expect(first).toMatchObject({ Truncated: true })
  const second = await call('ListAliases', { KeyId: id, Limit: 30, Marker: first.NextMarker })
  expect(second.Aliases).toHaveLength(20)
})

test('the event of CreateAlias lists key and alias', async () => {
  const { call, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: id })
  const [event] = await events()
  expect(event).toMatchObject({
    requestParameters: { aliasName: 'alias/app', targetKeyId: id },
    responseElements: null,
  })
  expect(event?.resources?.map(({ ARN }) => ARN).sort()).toEqual([arnOf('alias/app'), arn])
})
