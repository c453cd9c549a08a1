import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { controlOperations } from '../../src/s3/control/operations.ts'
import type { AddressedRequest } from '../../src/s3/operation.ts'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import {
  administrator,
  type Keys,
  makeUser,
  nobody,
  otherAccount,
  type Sent,
  send,
  stranger,
  type User,
} from './callers.ts'

/* No door of S3 Control is open: every operation of its table, called by whom nothing was granted. */

let journey: Journey
let user: User
beforeAll(async () => {
  journey = await startJourney()
  user = await makeUser(journey, 'nothing')
  await journey.createBucket('closed')
  for (const { name } of changing) expect((await call(name, administrator)).status).toBeLessThan(300)
})
afterAll(() => journey.stop())

const bodies: Record<string, string> = {
  TagResource: '<TagResourceRequest><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></TagResourceRequest>',
  PutPublicAccessBlock:
    '<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>',
}
const changing = controlOperations.filter(({ name }) => name in bodies)

function operationNamed(name: string) {
  const found = controlOperations.find((operation) => operation.name === name)
  if (!found) throw new Error(`${name} is not in the table`)
  return found
}

function requestFor(name: string, account: string): Sent {
  const [method = '', path = ''] = operationNamed(name).route.split(' ')
  const headers = { 'x-amz-account-id': account }
  const query: Record<string, string> = name === 'UntagResource' ? { tagKeys: 'a' } : {}
  const named = path.replace('{resourceArn+}', encodeURIComponent('arn:aws:s3:::closed'))
  return { method, path: named, query, headers, body: bodies[name] ?? '' }
}

const call = (name: string, keys: Keys, account = accountId) => send(journey, 's3', keys, requestFor(name, account))
const names = controlOperations.map(({ name }) => name)

/** What the administrator reads by every operation that reads. */
async function readings(): Promise<string[]> {
  const reading = names.filter((name) => /^(Get|List)/.test(name))
  const answers = await Promise.all(reading.map((name) => call(name, administrator)))
  return answers.map(({ status, text }) => `${status} ${text}`)
}

test.each<[string, () => Keys]>([
  ['nobody', () => nobody],
  ['another account', () => stranger],
  ['a user without rights', () => user.keys],
])('%s is refused every operation', async (_who, keysOf) => {
  const before = await readings()
  for (const name of names) expect([name, (await call(name, keysOf())).status]).toEqual([name, 403])
  expect(await readings()).toEqual(before)
})

test('another account that names itself has no bucket of this one', async () => {
  const before = await readings()
  for (const name of names.filter((name) => operationNamed(name).level === 'bucket')) {
    expect([name, (await call(name, stranger, otherAccount)).status]).toEqual([name, 400])
  }
  expect(await readings()).toEqual(before)
})

test.each(names)('%s is let in with its own permission alone', async (name) => {
  const request: Partial<AddressedRequest> = { bucketName: 'closed', key: '', query: new Map(), headers: {} }
  for (const { action, resource } of operationNamed(name).needs(request as AddressedRequest)) {
    const denied = { Effect: 'Deny', Action: action, Resource: '*' }
    await user.grant({ Effect: 'Allow', Action: '*', Resource: '*' }, denied)
    expect((await call(name, user.keys)).status).toBe(403)
    await user.grant({ Effect: 'Allow', Action: action, Resource: resource })
    expect((await call(name, user.keys)).status).not.toBe(403)
  }
})
