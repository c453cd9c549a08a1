import { expect, test } from '@jest/globals'
import type { TrailRecord } from '../../trail/event.ts'
import { type AdvancedEventSelector, checkAdvanced, isTakenByAdvanced } from './advanced.ts'
import { checkedSelectors, defaultSelectors, type EventSelector, isTakenByBasic } from './basic.ts'

function recordOf(more: Partial<TrailRecord> = {}): TrailRecord {
  return {
    eventVersion: '1.11',
    userIdentity: { arn: 'arn:aws:iam::111122223333:user/app' },
    eventTime: '2026-11-30T00:00:00Z',
    eventSource: 'kms.amazonaws.com',
    eventName: 'Decrypt',
    awsRegion: 'us-east-1',
    sourceIPAddress: '192.0.2.1',
    userAgent: 'agent',
    requestParameters: null,
    responseElements: null,
    eventID: 'id',
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...more,
  }
}

const write = { eventName: 'CreateKey', readOnly: false }
const onObject = (key: string, more: Partial<TrailRecord> = {}) =>
  recordOf({
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    eventCategory: 'Data',
    resources: [{ type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${key}` }],
    ...more,
  })
const onBucket = onObject('', {
  eventName: 'ListObjects',
  resources: [{ accountId: '111122223333', type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::uploads' }],
})
const objects = (...Values: string[]) => ({
  IncludeManagementEvents: false,
  DataResources: [{ Type: 'AWS::S3::Object', Values }],
})

test.each<[string, readonly EventSelector[], TrailRecord, boolean]>([
  ['the default takes reads', defaultSelectors, recordOf(), true],
  ['the default takes writes', defaultSelectors, recordOf(write), true],
  ['the default takes no data events', defaultSelectors, onObject('uploads/a'), false],
  ['WriteOnly takes no reads', [{ ReadWriteType: 'WriteOnly' }], recordOf(), false],
  ['WriteOnly takes writes', [{ ReadWriteType: 'WriteOnly' }], recordOf(write), true],
  ['ReadOnly takes no writes', [{ ReadWriteType: 'ReadOnly' }], recordOf(write), false],
  ['a source is left out', [{ ExcludeManagementEventSources: ['kms.amazonaws.com'] }], recordOf(), false],
  ['a bucket is what begins with its name', [objects('arn:aws:s3:::uploads/')], onObject('uploads/a'), true],
  ['another bucket is not', [objects('arn:aws:s3:::uploads/')], onObject('uploads2/a'), false],
  ['a prefix', [objects('arn:aws:s3:::uploads/in/')], onObject('uploads/out/a'), false],
  ['all buckets', [objects('arn:aws:s3')], onObject('other/a'), true],
  ['a list of a bucket', [objects('arn:aws:s3:::uploads/')], onBucket, true],
  ['any selector takes it', [objects('arn:aws:s3:::a/'), objects('arn:aws:s3:::b/')], onObject('b/c'), true],
])('Basic selectors: %s', (_name, selectors, record, expected) => {
  expect(isTakenByBasic(selectors, record)).toBe(expected)
})

test.each<[string, EventSelector[], string]>([
  ['none', [], 'A trail has 1 to 5 event selectors.'],
  ['six', Array.from({ length: 6 }, () => ({})), 'A trail has 1 to 5 event selectors.'],
  [
    'a bucket without a slash',
    [objects('arn:aws:s3:::uploads')],
    'Value arn:aws:s3:::uploads for DataResources.Values is invalid.',
  ],
  [
    'another type',
    [{ DataResources: [{ Type: 'AWS::SNS::Topic', Values: ['a'] }] }],
    'Value AWS::SNS::Topic for DataResources.Type is invalid.',
  ],
  [
    'nothing at all',
    [{ IncludeManagementEvents: false }],
    'An event selector must include management events or data resources.',
  ],
  [
    '251 resources',
    [objects(...Array.from({ length: 251 }, () => 'arn:aws:s3:::a/'))],
    'A trail has at most 250 data resources.',
  ],
])('Basic selectors are refused: %s', (_name, selectors, message) => {
  expect(() => checkedSelectors(selectors)).toThrow(message)
})

const data = [
  { Field: 'eventCategory', Equals: ['Data'] },
  { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
]
const advanced = (...FieldSelectors: AdvancedEventSelector['FieldSelectors']) => [{ FieldSelectors }]

test.each<[string, AdvancedEventSelector[], TrailRecord, boolean]>([
  ['a category', advanced({ Field: 'eventCategory', Equals: ['Management'] }), recordOf(), true],
  ['another category', advanced({ Field: 'eventCategory', Equals: ['Management'] }), onObject('a/b'), false],
  ['all fields must match', advanced(...data, { Field: 'readOnly', Equals: ['false'] }), onObject('a/b'), false],
  [
    'a beginning',
    advanced(...data, { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::a/'] }),
    onObject('a/b'),
    true,
  ],
  ['an end', advanced(...data, { Field: 'resources.ARN', EndsWith: ['.png', '.jpg'] }), onObject('a/b.jpg'), true],
  [
    'any positive operator',
    advanced(...data, { Field: 'eventName', Equals: ['X'], StartsWith: ['Get'] }),
    onObject('a/b'),
    true,
  ],
  ['no negative one', advanced(...data, { Field: 'eventName', NotEquals: ['X', 'GetObject'] }), onObject('a/b'), false],
  ['both', advanced(...data, { Field: 'eventName', StartsWith: ['Get'], NotEndsWith: ['Acl'] }), onObject('a/b'), true],
  [
    'a beginning that must not be',
    advanced(...data, { Field: 'resources.ARN', NotStartsWith: ['arn:aws:s3:::a/'] }),
    onObject('a/b'),
    false,
  ],
])('Advanced selectors: %s', (_name, selectors, record, expected) => {
  checkAdvanced(selectors)
  expect(isTakenByAdvanced(selectors, record)).toBe(expected)
})

test.each<[string, AdvancedEventSelector[], string]>([
  ['no category', advanced({ Field: 'readOnly', Equals: ['true'] }), 'A selector must have one field eventCategory'],
  ...['constructor', '__proto__', 'Insight'].map((category): [string, AdvancedEventSelector[], string] => [
    `the category ${category}`,
    advanced({ Field: 'eventCategory', Equals: [category] }),
    'A selector must have one field eventCategory',
  ]),
  ['data of no type', advanced({ Field: 'eventCategory', Equals: ['Data'] }), 'must have a field resources.type'],
  [
    'a field of another category',
    advanced({ Field: 'eventCategory', Equals: ['Management'] }, { Field: 'resources.ARN', Equals: ['a'] }),
    'The field resources.ARN is not valid',
  ],
  ['a field twice', advanced(...data, ...data.slice(1)), 'stands in a selector more than once'],
  ['a field without operator', advanced(...data, { Field: 'eventName' }), 'The field eventName must have an operator.'],
  [
    'readOnly that begins',
    advanced(...data, { Field: 'readOnly', StartsWith: ['t'] }),
    'can only be compared by Equals',
  ],
  ['readOnly that is neither', advanced(...data, { Field: 'readOnly', Equals: ['yes'] }), 'can only be true or false'],
  [
    '501 values',
    advanced(...data, { Field: 'eventName', Equals: Array.from({ length: 499 }, () => 'X') }),
    'at most 500 values',
  ],
])('Advanced selectors are refused: %s', (_name, selectors, message) => {
  expect(() => checkAdvanced(selectors)).toThrow(message)
})
