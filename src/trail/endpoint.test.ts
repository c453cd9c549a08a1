import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { fetchFrom } from '../protocol/http.fixture.ts'
import { Database } from '../store/database.ts'
import { createCloudTrailEndpoint } from './endpoint.ts'
import { openTrail } from './trail.ts'

const caller = userCaller('000000000000', 'test', 'test')
const log = { debug() {}, info() {}, warn() {}, error() {} }
const start = Date.UTC(2026, 0, 1, 12)

async function openFixture(count: number) {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(start)
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const credentials = { find: () => undefined }
  const endpoint = createCloudTrailEndpoint({
    trail,
    credentials,
    permit() {},
    invoke: async (name) => ({ name }),
    ambient,
    region: 'us-east-1',
    log,
  })
  for (let index = 0; index < count; index++) {
    await database.transact((transaction) =>
      trail.append(transaction, {
        caller,
        time: ambient.now(),
        service: 'kms',
        eventName: index % 2 === 0 ? 'Encrypt' : 'DisableKey',
        region: 'us-east-1',
        clientAddress: '127.0.0.1',
        userAgent: 'agent',
        secure: false,
        requestId: `request-${index}`,
        readOnly: index % 2 === 0,
        requestParameters: { keyId: 'one' },
        responseElements: null,
        resources: [
          { accountId: '000000000000', type: 'AWS::KMS::Key', ARN: 'arn:aws:kms:us-east-1:000000000000:key/one' },
        ],
      }),
    )
    ambient.turn(1000)
  }
  return async (input: object, target = 'CloudTrail_20131101.LookupEvents', region = 'us-east-1') => {
    const request = new Request('http://cloudtrail/', {
      method: 'POST',
      headers: { 'x-amz-target': target },
      body: JSON.stringify(input),
    })
    const response = await fetchFrom(endpoint, request, { session: { caller, region, service: 's3' } })
    return { status: response.status, body: await response.json() }
  }
}

/** The events of a page by the ids of their requests. */
function requestsOf({ Events }: { Events: { CloudTrailEvent: string }[] }): string[] {
  return Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent).requestID)
}

test('LookupEvents answers an event with its record as a JSON string', async () => {
  const call = await openFixture(1)
  const { status, body } = await call({})
  expect(status).toBe(200)
  const { CloudTrailEvent, ...event } = body.Events[0]
  expect(event).toEqual({
    EventId: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    EventName: 'Encrypt',
    ReadOnly: 'true',
    AccessKeyId: 'test',
    EventTime: start / 1000,
    EventSource: 'kms.amazonaws.com',
    Username: 'test',
    Resources: [{ ResourceType: 'AWS::KMS::Key', ResourceName: 'arn:aws:kms:us-east-1:000000000000:key/one' }],
  })
  expect(JSON.parse(CloudTrailEvent)).toMatchObject({ eventVersion: '1.11', eventID: event.EventId })
  expect(body.NextToken).toBeUndefined()
})

test('A page has 50 events unless fewer are asked for, and its token goes on behind it', async () => {
  const call = await openFixture(60)
  const first = await call({})
  expect(first.body.Events).toHaveLength(50)
  const second = await call({ NextToken: first.body.NextToken })
  expect(requestsOf(second.body)).toEqual(Array.from({ length: 10 }, (_, index) => `request-${9 - index}`))
})

test('A token is refused with other parameters, in another Region, and when it is made up', async () => {
  const call = await openFixture(5)
  const { body } = await call({ MaxResults: 2 })
  const refused = [
    await call({ MaxResults: 3, NextToken: body.NextToken }),
    await call({ MaxResults: 2, NextToken: 'made-up' }),
    await call({ MaxResults: 2, NextToken: '' }),
    await call({ MaxResults: 2, NextToken: `${body.NextToken}x` }),
    await call({ MaxResults: 2, NextToken: `${body.NextToken}=` }),
    await call({ MaxResults: 2, NextToken: body.NextToken }, undefined, 'eu-west-1'),
  ]
  for (const { status, body } of refused) {
    expect(status).toBe(400)
    expect(body.__type).toBe('InvalidNextTokenException')
  }
  expect(requestsOf((await call({ MaxResults: 2, NextToken: body.NextToken })).body)).toEqual([
    'request-2',
    'request-1',
  ])
})

test('StartTime and EndTime are inclusive', async () => {
  const call = await openFixture(4)
  const { body } = await call({ StartTime: start / 1000 + 1, EndTime: start / 1000 + 2 })
  expect(requestsOf(body)).toEqual(['request-2', 'request-1'])
})

test('Wrong parameters are refused by the names CloudTrail has for them', async () => {
  const call = await openFixture(0)
  const typeOf = async (input: object) => (await call(input)).body.__type
  const attribute = { AttributeKey: 'EventName', AttributeValue: 'Encrypt' }
  expect(await typeOf({ MaxResults: 0 })).toBe('InvalidMaxResultsException')
  expect(await typeOf({ MaxResults: 51 })).toBe('InvalidMaxResultsException')
  expect(await typeOf({ StartTime: 2, EndTime: 1 })).toBe('InvalidTimeRangeException')
  expect(await typeOf({ LookupAttributes: [attribute, attribute] })).toBe('InvalidLookupAttributesException')
  expect(await typeOf({ LookupAttributes: [{ AttributeKey: 'Colour', AttributeValue: 'red' }] })).toBe(
    'ValidationException',
  )
  expect(await typeOf({ LookupAttributes: [{ AttributeKey: 'EventId' }] })).toBe('ValidationException')
  expect(await typeOf({ EventCategory: 'management' })).toBe('InvalidEventCategoryException')
  expect((await call({ EventCategory: 'insight' })).body).toEqual({ Events: [] })
  expect(await typeOf({ StartTime: 1e300, EndTime: 1e301 })).toBe('SerializationException')
})

test('Other operations of CloudTrail are refused by name, those on trails are not, and its long target is understood', async () => {
  const call = await openFixture(0)
  const refused = await call({}, 'CloudTrail_20131101.CreateChannel')
  expect(refused.body.__type).toBe('UnsupportedOperationException')
  expect(refused.body.message).toContain('CreateChannel')
  expect((await call({}, 'CloudTrail_20131101.CreateTrail')).body).toEqual({ name: 'CreateTrail' })
  expect((await call({}, 'CloudTrail_20131101.Nonsense')).body.__type).toBe('UnknownOperationException')
  expect((await call({}, 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents')).status).toBe(200)
})
