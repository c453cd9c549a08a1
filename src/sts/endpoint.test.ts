import { expect, test } from '@jest/globals'
import { Explanations } from '../access/explanations.ts'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { openPrincipals } from '../identity/principals.ts'
import { fetchFrom } from '../protocol/http.fixture.ts'
import { Database } from '../store/database.ts'
import { openTrail } from '../trail/trail.ts'
import { createStsEndpoint } from './endpoint.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }

async function openFixture() {
  const database = await Database.open({})
  const ambient = new TurnableAmbient()
  const principals = openPrincipals({ database, ambient, accountId: '000000000000', mode: 'permissive' })
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const endpoint = createStsEndpoint({
    explanations: new Explanations(database),
    database,
    principals,
    trail,
    ambient,
    region: 'us-east-1',
    log,
  })
  const session = { caller: userCaller('000000000000', 'test', 'test'), region: 'us-east-1', service: 's3' } as const
  return async (form: string, { method = 'POST', signed = true } = {}) => {
    const url = method === 'GET' ? `http://sts/?${form}` : 'http://sts/'
    const request = new Request(url, { method, body: method === 'GET' ? undefined : form })
    const response = await fetchFrom(endpoint, request, signed ? { session } : {})
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

test('GetCallerIdentity answers ARN, id and account, by form and by query', async () => {
  const call = await openFixture()
  for (const method of ['POST', 'GET']) {
    const { status, headers, text } = await call('Action=GetCallerIdentity&Version=2011-06-15', { method })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/xml')
    expect(text).toContain('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">')
    expect(text).toContain('<Arn>arn:aws:iam::000000000000:user/test</Arn>')
    expect(text).toContain('<Account>000000000000</Account>')
    expect(text).toContain(`<RequestId>${headers.get('x-amzn-requestid')}</RequestId>`)
  }
})

test('Actions that are not here are refused by name, in the shape of STS errors', async () => {
  const call = await openFixture()
  const { status, text } = await call('Action=AssumeRoleWithSAML&Version=2011-06-15')
  expect(status).toBe(400)
  expect(text).toContain(
    '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type>',
  )
  expect(text).toContain('<Code>InvalidAction</Code>')
  expect(text).toContain('AssumeRoleWithSAML')
  for (const form of ['Action=GetCallerIdentity', 'Action=toString&Version=2011-06-15', 'Action=%', '']) {
    expect((await call(form)).status).toBe(400)
  }
})

test('A form without a signature is told so, whichever service it is for', async () => {
  const call = await openFixture()
  const form = 'Action=ListUsers&Version=2010-05-08'
  expect(await call(form, { signed: false })).toMatchObject({
    status: 403,
    text: expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
  })
  expect(await call(form)).toMatchObject({ status: 400, text: expect.stringContaining('<Code>InvalidAction</Code>') })
})

test('A request that is not signed is refused', async () => {
  const call = await openFixture()
  const { status, text } = await call('Action=GetCallerIdentity&Version=2011-06-15', { signed: false })
  expect(status).toBe(403)
  expect(text).toContain('<Code>MissingAuthenticationToken</Code>')
})
