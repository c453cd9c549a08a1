import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { notificationTargets, targetsKey } from '../notifications/notification-record.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

/* What PutBucketNotificationConfiguration refuses, and in which words. */

let s3: S3Fixture
beforeAll(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterAll(() => s3.close())

const queueArn = 'arn:aws:sqs:us-east-1:000000000000:queue'
const topicArn = 'arn:aws:sns:us-east-1:000000000000:topic'
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:name'

interface Rule {
  arn?: string
  id?: string
  events?: string[]
  /** Name and value of each FilterRule. */
  filter?: [name: string, value: string][]
}

const inside = (rule: Rule) => {
  const { id, events = ['s3:ObjectCreated:*'], filter } = rule
  const rules = filter?.map(([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`)
  return [
    id === undefined ? '' : `<Id>${id}</Id>`,
    ...events.map((event) => `<Event>${event}</Event>`),
    rules ? `<Filter><S3Key>${rules.join('')}</S3Key></Filter>` : '',
  ].join('')
}
const queue = (rule: Rule = {}) =>
  `<QueueConfiguration><Queue>${rule.arn ?? queueArn}</Queue>${inside(rule)}</QueueConfiguration>`
const topic = (rule: Rule = {}) =>
  `<TopicConfiguration><Topic>${rule.arn ?? topicArn}</Topic>${inside(rule)}</TopicConfiguration>`
const lambda = (rule: Rule = {}) =>
  `<CloudFunctionConfiguration><CloudFunction>${rule.arn ?? functionArn}</CloudFunction>${inside(rule)}</CloudFunctionConfiguration>`

function put(content: string, headers: Record<string, string> = {}) {
  const body = `<NotificationConfiguration>${content}</NotificationConfiguration>`
  return s3.call('PUT', '/bucket?notification', { body, headers })
}

const rawFilter = (content: string) =>
  `<QueueConfiguration><Queue>${queueArn}</Queue><Event>s3:ObjectCreated:*</Event><Filter>${content}</Filter></QueueConfiguration>`
const malformed = 'The XML you provided was not well-formed or did not validate against our published schema'
const overlap = 'Configurations overlap. Configurations on the same bucket cannot share a common event type.'
const ambiguous =
  'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
const long = 'x'.repeat(1025)

test.each<[string, string, string, string, ...string[]]>([
  ['an ARN that is none', queue({ arn: 'queue' }), 'InvalidArgument', 'The ARN could not be parsed', 'Queue', 'queue'],
  [
    'several ARNs that are none: the first is told',
    topic({ arn: 'one' }) + lambda({ arn: 'two' }),
    'InvalidArgument',
    'The ARN could not be parsed',
    'Topic',
    'one',
  ],
  [
    'a topic where a queue is meant',
    queue({ arn: topicArn }),
    'InvalidArgument',
    'The ARN failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws[a-zA-Z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]{1,80}',
    'Queue',
    topicArn,
  ],
  [
    'a queue of another Region',
    queue({ arn: 'arn:aws:sqs:eu-west-1:000000000000:queue' }),
    'InvalidArgument',
    'The notification destination service region is not valid for the bucket location constraint',
    'Queue',
    'arn:aws:sqs:eu-west-1:000000000000:queue',
  ],
  [
    'a FIFO queue',
    queue({ arn: `${queueArn}.fifo` }),
    'InvalidArgument',
    'FIFO SQS queues are not supported.',
    'Queue',
    `${queueArn}.fifo`,
  ],
  [
    'an event that there is not',
    queue({ events: ['s3:ObjectCreated:Get'] }),
    'InvalidArgument',
    'The event is not supported for notifications',
    'Event',
    's3:ObjectCreated:Get',
  ],
  ['no event', queue({ events: [] }), 'MalformedXML', malformed],
  ['a filter without rules', queue({ filter: [] }), 'MalformedXML', malformed],
  [
    'a filter rule without a value',
    rawFilter('<S3Key><FilterRule><Name>prefix</Name></FilterRule></S3Key>'),
    'MalformedXML',
    malformed,
  ],
  [
    'a filter of another name',
    queue({ filter: [['middle', 'x']] }),
    'InvalidArgument',
    'filter rule name must be either prefix or suffix',
    'FilterRule.Name',
    'middle',
  ],
  [
    'two prefixes',
    queue({
      filter: [
        ['prefix', 'a'],
        ['Prefix', 'b'],
      ],
    }),
    'InvalidArgument',
    'Cannot specify more than one prefix rule in a filter.',
    'FilterRule.Name',
    'Prefix',
  ],
  [
    'a filter that is too long',
    queue({ filter: [['suffix', long]] }),
    'InvalidArgument',
    'Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation',
    'FilterRule.Value',
    long,
  ],
  [
    'an event twice in one rule',
    queue({ events: ['s3:ObjectRemoved:*', 's3:ObjectRemoved:*'] }),
    'InvalidArgument',
    overlap,
    'Event',
    's3:ObjectRemoved:*, s3:ObjectRemoved:*',
  ],
  [
    'an event beside its family',
    queue({ events: ['s3:ObjectCreated:Put', 's3:ObjectCreated:*'], filter: [['prefix', 'a']] }),
    'InvalidArgument',
    overlap,
    'Event',
    's3:ObjectCreated:Put, s3:ObjectCreated:*',
  ],
  [
    'two rules without filters, of different kinds, that share an event',
    queue() + lambda({ events: ['s3:ObjectCreated:Copy'] }),
    'InvalidArgument',
    overlap,
    'Event',
    's3:ObjectCreated:*, s3:ObjectCreated:Copy',
  ],
  [
    'two rules of which one prefix begins the other',
    queue({ filter: [['prefix', 'a/']] }) + topic({ filter: [['prefix', 'a/b']] }),
    'InvalidArgument',
    ambiguous,
  ],
  [
    'two rules whose prefixes are nested once they are decoded',
    queue({ filter: [['prefix', 'a+b']] }) + topic({ filter: [['prefix', 'a%20b/c']] }),
    'InvalidArgument',
    ambiguous,
  ],
  [
    'a rule with a filter beside one without',
    queue() + topic({ filter: [['suffix', '.jpg']] }),
    'InvalidArgument',
    ambiguous,
  ],
  [
    'an id twice',
    queue({ id: 'same' }) + topic({ id: 'same', events: ['s3:ObjectRemoved:*'] }),
    'InvalidArgument',
    'Same ID used for multiple configurations. IDs must be unique.',
    'Id',
    'same',
  ],
  [
    'an id that is too long',
    queue({ id: 'i'.repeat(256) }),
    'InvalidArgument',
    'ID length exceeded allowed limit of 255',
    'Id',
    'i'.repeat(256),
  ],
  [
    'more than a hundred configurations',
    Array.from({ length: 101 }, (_, index) => queue({ filter: [['prefix', `${index}/`]] })).join(''),
    'InvalidRequest',
    'Too many configurations submitted. The maximum number of configurations is 100',
  ],
])('%s is refused', async (_, content, code, message, ...argument) => {
  const reply = await put(content)
  expect(reply.status).toBe(400)
  const { Code, Message, ArgumentName, ArgumentValue } = await reply.xml('Error')
  expect([Code, Message, ...(ArgumentName === undefined ? [] : [ArgumentName, ArgumentValue])]).toEqual([
    code,
    message,
    ...argument,
  ])
  const kept = await s3.call('GET', '/bucket?notification')
  expect(await kept.xml('NotificationConfiguration')).not.toHaveProperty('QueueConfiguration')
})

test.each([
  ['prefixes that are not nested', queue({ filter: [['prefix', 'a/']] }) + topic({ filter: [['prefix', 'b/']] })],
  [
    'nested prefixes, suffixes that are not',
    queue({
      filter: [
        ['prefix', 'a'],
        ['suffix', '.jpg'],
      ],
    }) +
      topic({
        filter: [
          ['prefix', 'ab'],
          ['suffix', '.png'],
        ],
      }),
  ],
  ['different events', queue() + topic({ events: ['s3:ObjectRemoved:*', 's3:LifecycleExpiration:*'] })],
  ['EventBridge alone', '<EventBridgeConfiguration/>'],
])('%s are taken', async (_, content) => {
  const reply = await put(content)
  expect([reply.status, reply.text]).toEqual([200, ''])
  expect((await put('')).status).toBe(200)
})

test('Where addresses are given, what has none is not there: all such destinations are named, unless validation is skipped', async () => {
  await s3.database.transact((transaction) =>
    transaction.put(notificationTargets, targetsKey, { [topicArn]: { url: 'http://127.0.0.1:1/' } }),
  )
  const content = topic({ events: ['s3:ObjectAcl:Put'] }) + queue() + lambda({ events: ['s3:ObjectRemoved:*'] })
  const reply = await put(content)
  expect(reply.status).toBe(400)
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidArgument',
    Message: 'Unable to validate the following destination configurations',
    ArgumentName1: queueArn,
    ArgumentValue1: 'The destination queue does not exist',
    ArgumentName2: `${functionArn}, null`,
    ArgumentValue2: `Not authorized to invoke function [${functionArn}]`,
  })
  const skipping = { 'x-amz-skip-destination-validation': 'true' }
  expect((await put(content, skipping)).status).toBe(200)
  const unparsable = await put(queue({ arn: 'queue' }), skipping)
  expect(unparsable.text).toContain('The ARN could not be parsed')
})
