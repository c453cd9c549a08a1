import { expect, test } from '@jest/globals'
import { accountId, openKms, refusal, region, stranger } from '../kms.fixture.ts'

const arnOf = (name: string) => `arn:aws:kms:${region}:${accountId}:${name}`

/** All aliases of the account, listed three at a time. */
async function names(call: Awaited<ReturnType<typeof openKms>>['call']): Promise<string[]> {
  const found: string[] = []
  let Marker: unknown
  do {
    const page = await call('ListAliases', Marker === undefined ? { Limit: 3 } : { Limit: 3, Marker })
    found.push(...(page.Aliases as { AliasName: string }[]).map(({ AliasName }) => AliasName))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  return found
}

test('an alias names its key, moves to another and goes', async () => {
  const { call, createKey, ambient } = await openKms()
  const [one, two] = [await createKey(), await createKey()]
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: one.id })
  const created = ambient.now() / 1000
  ambient.turn(5000)
  await call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: two.arn })
  const listed = {
    AliasName: 'alias/app',
    AliasArn: arnOf('alias/app'),
    TargetKeyId: two.id,
    CreationDate: created,
    LastUpdatedDate: created + 5,
  }
  expect(await call('ListAliases')).toMatchObject({ Aliases: expect.arrayContaining([listed]), Truncated: false })
  expect(await call('ListAliases', { KeyId: two.id })).toEqual({ Aliases: [listed], Truncated: false })
  expect(await call('ListAliases', { KeyId: one.id })).toEqual({ Aliases: [], Truncated: false })
  expect(await call('DescribeKey', { KeyId: 'alias/app' })).toMatchObject({ KeyMetadata: { KeyId: two.id } })
  await call('DeleteAlias', { AliasName: 'alias/app' })
  expect(await call('ListAliases', { KeyId: two.id })).toEqual({ Aliases: [], Truncated: false })
  expect(await names(call)).not.toContain('alias/app')
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

test('predefined aliases are listed before their first use, without a key, among the others in order', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  for (const AliasName of ['alias/app', 'alias/aws-like', 'alias/awt'])
    await call('CreateAlias', { AliasName, TargetKeyId: id })
  const listed = await names(call)
  expect(listed).toEqual([...listed].sort())
  expect(new Set(listed).size).toBe(listed.length)
  expect(listed).toEqual(
    expect.arrayContaining(['alias/app', 'alias/aws-like', 'alias/awt', 'alias/aws/s3', 'alias/aws/ebs']),
  )
  const { Aliases } = await call('ListAliases')
  const waiting = { AliasName: 'alias/aws/s3', AliasArn: arnOf('alias/aws/s3') }
  expect(Aliases).toContainEqual(waiting)
  expect(await call('ListKeys')).toMatchObject({ Keys: [{ KeyId: id }] })
})

test.each([
  ['alias/aws/s3', 'Default key that protects my S3 objects when no other key is defined', 's3'],
  ['alias/aws/lambda', 'Default key that protects my Lambda functions when no other key is defined', 'lambda'],
])('describing %s makes its key, once, and then it is listed with it', async (KeyId, Description, service) => {
  const { call } = await openKms()
  const before = await names(call)
  const both = await Promise.all([1, 2].map(() => call('DescribeKey', { KeyId })))
  const [{ KeyMetadata }] = both as [{ KeyMetadata: { KeyId: string } }]
  expect(both[1]).toEqual(both[0])
  expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled', Description })
  expect(await names(call)).toEqual(before)
  expect(await call('ListAliases', { KeyId: KeyMetadata.KeyId })).toMatchObject({
    Aliases: [{ AliasName: KeyId, TargetKeyId: KeyMetadata.KeyId, CreationDate: expect.any(Number) }],
  })
  const { Policy } = await call('GetKeyPolicy', { KeyId: KeyMetadata.KeyId })
  expect(Policy).toContain(`"kms:ViaService":"${service}.${region}.amazonaws.com"`)
})

test('an alias that is like a predefined one, and none, is not found', async () => {
  const { call } = await openKms()
  const outcome = await refusal(call('DescribeKey', { KeyId: 'alias/aws/coffee' }))
  expect(outcome).toBe(`NotFoundException: Alias ${arnOf('alias/aws/coffee')} is not found.`)
})

test('another account’s key has no aliases to list, whether it is there or not', async () => {
  const { call, createKey } = await openKms()
  const { arn } = await createKey()
  await call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: arn })
  const none = arn.replace(/[^/]*$/, '12345678-1234-1234-1234-123456789012')
  const refusals = [arn, none].map((KeyId) => refusal(call('ListAliases', { KeyId }, { caller: stranger })))
  const [theirs, unknown] = await Promise.all(refusals)
  expect(theirs).toMatch(
    /^AccessDeniedException: User: .* is not authorized to perform: kms:ListAliases on this resource/,
  )
  expect(unknown).toBe(theirs)
})
