import { expect, test } from '@jest/globals'
import { fetchFrom } from '../protocol/http.fixture.ts'
import { alice, openKms, refusal, region } from './kms.fixture.ts'

const session = { caller: alice, region, service: 's3' } as const
const EncryptionContext = Object.fromEntries([
  ['aws:s3:arn', 'arn:aws:s3:::bucket/key'],
  ['__proto__', 'é'],
])

test('another service asks KMS as its caller: a data key, and its plaintext again', async () => {
  const { client, createKey, events } = await openKms()
  const { id, arn } = await createKey()
  const made = await client.generateDataKey({ KeyId: id, KeySpec: 'AES_256', EncryptionContext }, session)
  expect(made.KeyId).toBe(arn)
  const opened = await client.decrypt({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }, session)
  expect(opened).toEqual({ KeyId: arn, Plaintext: made.Plaintext })
  const [decrypt] = await events()
  expect(decrypt).toMatchObject({
    eventName: 'Decrypt',
    sourceIPAddress: 'fas.s3.amazonaws.com',
    userIdentity: { arn: alice.arn, invokedBy: 'fas.s3.amazonaws.com' },
  })
  expect(JSON.stringify(decrypt?.requestParameters)).toBe(
    JSON.stringify({ encryptionAlgorithm: 'SYMMETRIC_DEFAULT', encryptionContext: EncryptionContext }),
  )
})

test("KMS's refusal arrives as it was answered", async () => {
  const { client, call, createKey } = await openKms()
  const { id, arn } = await createKey()
  await call('DisableKey', { KeyId: id })
  const outcome = await refusal(client.generateDataKey({ KeyId: id, KeySpec: 'AES_256' }, session))
  expect(outcome).toBe(`DisabledException: ${arn} is disabled.`)
})

test('no header makes a network client a service', async () => {
  const { endpoint } = await openKms()
  const headers = { 'x-amz-target': 'TrentService.ListKeys', session: 's3', 'x-amz-session': 's3' }
  const response = await fetchFrom(endpoint, new Request('http://kms/', { method: 'POST', headers, body: '{}' }), {})
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' })
})
