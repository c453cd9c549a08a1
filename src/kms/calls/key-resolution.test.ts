import { expect, test } from '@jest/globals'
import { accountId, openKms, refusal, region } from '../kms.fixture.ts'

/* Which key an identifier means, and when the key of a predefined alias is made. */

const KeyId = 'alias/aws/s3'

test('The key of a predefined alias is made by the first who describes it, once', async () => {
  const { call, events } = await openKms()
  const unmade = `NotFoundException: Alias arn:aws:kms:${region}:${accountId}:${KeyId} is not found.`
  expect(await refusal(call('GetKeyPolicy', { KeyId: 'alias/none' }))).not.toBe('no refusal')
  expect(await refusal(call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' }))).toBe(unmade)
  const idOf = async () => ((await call('DescribeKey', { KeyId })).KeyMetadata as { KeyId: string }).KeyId
  const made = await idOf()
  expect(await idOf()).toBe(made)
  const { Keys } = await call('ListKeys')
  expect(Keys).toHaveLength(1)
  expect((await events()).filter(({ eventName }) => eventName === 'CreateKey')).toHaveLength(0)
})

test('S3 makes the key of its own predefined alias by using it, and no other service’s', async () => {
  const { call } = await openKms()
  const generate = (alias: string) =>
    refusal(call('GenerateDataKey', { KeyId: alias, KeySpec: 'AES_256' }, { via: 's3' }))
  expect(await generate('alias/aws/ebs')).toContain('NotFoundException')
  expect(await generate(KeyId)).toBe('no refusal')
  expect(await generate(KeyId)).toBe('no refusal')
  const { Keys } = await call('ListKeys')
  expect(Keys).toHaveLength(1)
})
