import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/* How an object lies in the store, told without a call of KMS and without a trace. */

const Bucket = 'inspected'
let journey: Journey
let keyArn: string

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand({}))
  keyArn = KeyMetadata?.Arn ?? ''
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
})

afterAll(() => journey.stop())

async function put(Key: string, Body: string, sealed: object): Promise<string> {
  const { VersionId = '' } = await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...sealed }))
  return VersionId
}

const underKms = () => ({
  ServerSideEncryption: 'aws:kms' as const,
  SSEKMSKeyId: keyArn,
  SSEKMSEncryptionContext: Buffer.from('{"tenant":"a"}').toString('base64'),
})

test('An SSE-KMS object is told with its envelope, its context and its calls, but without its content', async () => {
  const versionId = await put('sealed', 'the plaintext itself', underKms())
  const inspection = await journey.emulator.inspect(`s3://${Bucket}/sealed`)
  expect(inspection).toMatchObject({
    versionId,
    isLatest: true,
    size: 20,
    storedSize: 36,
    envelope: {
      scheme: 'SSE-KMS',
      keyArn,
      layers: 1,
      encryptionContext: { tenant: 'a', 'aws:s3:arn': `arn:aws:s3:::${Bucket}/sealed` },
    },
    calls: [{ event: 'GenerateDataKey', caller: expect.stringContaining('user/test') }],
  })
  expect(inspection.firstBytes).toMatch(/^[0-9a-f]{64}$/)
  const told = JSON.stringify(inspection)
  expect(told).not.toContain(Buffer.from('the plaintext').toString('hex'))
  expect(told).not.toContain('plaintext itself')
})

test('It leaves no trace: the second look finds the same calls', async () => {
  const [first, second] = [
    await journey.emulator.inspect(`s3://${Bucket}/sealed`),
    await journey.emulator.inspect(`s3://${Bucket}/sealed`),
  ]
  expect(second.calls).toEqual(first.calls)
})

test('What nobody asked to seal lies in clear, so its bytes are not shown', async () => {
  await put('plain', 'in clear', {})
  const { envelope, firstBytes, callCount } = await journey.emulator.inspect(`s3://${Bucket}/plain`)
  expect([envelope.scheme, envelope.layers, firstBytes, callCount]).toEqual(['none', 0, undefined, 0])
})

test('An older version is told by its id, a delete marker and what is not there are not', async () => {
  const versionId = await put('twice', 'one', underKms())
  await put('twice', 'second', {})
  const older = await journey.emulator.inspect(`s3://${Bucket}/twice?versionId=${versionId}`)
  expect([older.size, older.isLatest, older.envelope.scheme]).toEqual([3, false, 'SSE-KMS'])
  await journey.s3.send(new DeleteObjectCommand({ Bucket, Key: 'twice' }))
  await expect(journey.emulator.inspect(`s3://${Bucket}/twice`)).rejects.toThrow(
    'a delete marker is its newest version',
  )
  await expect(journey.emulator.inspect(`s3://${Bucket}/nothing`)).rejects.toThrow('There is no s3://inspected/nothing')
})

test('The control API answers the same, and 404 and 422 where there is nothing to tell', async () => {
  const ask = async (uri: string) => {
    const answer = await fetch(`${journey.emulator.endpoint}/_s3kms/inspect?uri=${encodeURIComponent(uri)}`)
    return [answer.status, await answer.json()] as const
  }
  expect(await ask(`s3://${Bucket}/plain`)).toEqual([200, await journey.emulator.inspect(`s3://${Bucket}/plain`)])
  expect((await ask(`s3://${Bucket}/nothing`))[0]).toBe(404)
  expect((await ask('nothing'))[0]).toBe(422)
})
