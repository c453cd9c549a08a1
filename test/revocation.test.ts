import { fileURLToPath } from 'node:url'
import { CreateGrantCommand, DisableKeyCommand, RevokeGrantCommand } from '@aws-sdk/client-kms'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TrailRecord } from '../src/trail/event.ts'
import { accountId, type Journey, startJourney } from './emulator.ts'

/* What is taken away is gone once the answer is there: many writers through S3 at once, and the trail as the witness. */

const Bucket = 'tenants'
let journey: Journey

beforeAll(async () => {
  journey = await startJourney({ fixtures: [fileURLToPath(new URL('../fixtures/permissions.yaml', import.meta.url))] })
})
afterAll(() => journey.stop())

/** Writes objects one after another in several lines, while `change` happens; the trail of that time, oldest first. */
async function writeDuring(keyArn: string, change: () => Promise<unknown>): Promise<TrailRecord[]> {
  const { s3 } = journey.as('app', 'app-secret')
  const SSEKMSEncryptionContext = Buffer.from('{"tenant":"b"}').toString('base64')
  const write = (Key: string) => {
    const encryption = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn, SSEKMSEncryptionContext } as const
    return s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...encryption })).then(
      () => true,
      () => false,
    )
  }
  let acknowledged = false
  const line = async (name: string) => {
    let isAlive = true
    for (let number = 0; isAlive; number++) {
      const begunAfter = acknowledged
      isAlive = await write(`${name}-${number}`)
      expect(isAlive && begunAfter).toBe(false)
    }
  }
  const changing = async () => {
    while (!(await write('first'))) await Promise.resolve()
    await change()
    acknowledged = true
  }
  return journey.kmsCallsDuring(() => Promise.all([line('a'), line('b'), line('c'), changing()]))
}

/** How those that wrote fared behind the change, by the trail. */
function outcomesBehind(records: readonly TrailRecord[], eventName: string) {
  const at = records.findIndex((record) => record.eventName === eventName)
  const behind = records.slice(at).filter((record) => record.eventName === 'GenerateDataKey')
  return [...new Set(behind.map(({ errorCode }) => errorCode))]
}

async function grantToApp(KeyId: string): Promise<string | undefined> {
  const GranteePrincipal = `arn:aws:iam::${accountId}:user/app`
  const { GrantId } = await journey.kms.send(
    new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['GenerateDataKey'] }),
  )
  return GrantId
}

test('no write by a grant succeeds once RevokeGrant has answered', async () => {
  const KeyId = await journey.createKey()
  const GrantId = await grantToApp(KeyId)
  const records = await writeDuring(KeyId, () => journey.kms.send(new RevokeGrantCommand({ KeyId, GrantId })))
  expect(outcomesBehind(records, 'RevokeGrant')).toEqual(['AccessDenied'])
})

test('no write succeeds once DisableKey has answered', async () => {
  const KeyId = await journey.createKey()
  await grantToApp(KeyId)
  const records = await writeDuring(KeyId, () => journey.kms.send(new DisableKeyCommand({ KeyId })))
  expect(outcomesBehind(records, 'DisableKey')).toEqual(['DisabledException'])
})
