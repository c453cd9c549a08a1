import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

function put(rules: string, headers: Record<string, string> = {}, bucket = 'bucket') {
  const body = `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rules}</LifecycleConfiguration>`
  const md5 = createHash('md5').update(body).digest('base64')
  return s3.call('PUT', `/${bucket}?lifecycle`, { body, headers: { 'content-md5': md5, ...headers } })
}

async function told(): Promise<string> {
  const { text } = await s3.call('GET', '/bucket?lifecycle')
  return text.replace(/^.*<LifecycleConfiguration[^>]*>(.*)<\/LifecycleConfiguration>$/s, '$1')
}

const status = '<Status>Enabled</Status>'
const days = (count: number | string) => `<Expiration><Days>${count}</Days></Expiration>`
const none = '<Filter></Filter>'
const prefix = (text: string) => `<Filter><Prefix>${text}</Prefix></Filter>`
const and = (inner: string) => `<Filter><And>${inner}</And></Filter>`
const tag = (key: string, value = 'v') => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
const above = (size: number | string) => `<ObjectSizeGreaterThan>${size}</ObjectSizeGreaterThan>`
const below = (size: number | string) => `<ObjectSizeLessThan>${size}</ObjectSizeLessThan>`
const move = (count: number | string, to: string) =>
  `<Transition><Days>${count}</Days><StorageClass>${to}</StorageClass></Transition>`
const moveOn = (date: string, to: string) =>
  `<Transition><Date>${date}</Date><StorageClass>${to}</StorageClass></Transition>`
const noncurrent = (inner: string) => `<NoncurrentVersionExpiration>${inner}</NoncurrentVersionExpiration>`
const noncurrentDays = (count: number) => `<NoncurrentDays>${count}</NoncurrentDays>`
const newer = (count: number) => `<NewerNoncurrentVersions>${count}</NewerNoncurrentVersions>`
const moveNoncurrent = (count: number, to: string, more = '') =>
  `<NoncurrentVersionTransition><NoncurrentDays>${count}</NoncurrentDays>${more}<StorageClass>${to}</StorageClass></NoncurrentVersionTransition>`
const abort =
  '<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>'
const expiredMarker = '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>'
const rule = (inner: string, filter = none) => `<Rule>${filter}${status}${inner}</Rule>`
const id = (text: string) => `<ID>${text}</ID>`

test.each([
  rule(id('a') + days(1)),
  `<Rule><ID>a</ID><Prefix>p/</Prefix>${status}${days(1)}</Rule>`,
  `<Rule><ID>a</ID>${prefix('')}${status}${abort}</Rule>`,
  `<Rule><ID>a</ID>${and(`<Prefix>p</Prefix>${above(500)}${below(1_099_511_627_776_000)}${tag('k')}${tag('l')}`)}${status}${days(1)}</Rule>`,
  `<Rule><ID>a</ID><Filter>${tag('k')}</Filter><Status>Disabled</Status>${days(400)}${move(30, 'STANDARD_IA')}${move(60, 'GLACIER')}${move(150, 'DEEP_ARCHIVE')}</Rule>`,
  `<Rule><ID>a</ID>${none}${status}${noncurrent(noncurrentDays(40) + newer(500))}${moveNoncurrent(30, 'ONEZONE_IA', newer(2))}</Rule>`,
  `<Rule><ID>a</ID>${none}${status}<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>`,
  `<Rule><ID>a</ID>${none}${status}${expiredMarker}</Rule>`,
  `<Rule><ID>a</ID>${none}${status}${move(0, 'GLACIER_IR')}</Rule>`,
])('%s is taken and told in its form', async (rules) => {
  expect(await put(rules)).toMatchObject({ status: 200, text: '' })
  const sorted = rules.replace(
    /^<Rule>(<Filter>.*<\/Filter>)<Status>Enabled<\/Status>(<ID>\w+<\/ID>)/,
    `<Rule>$2$1${status}`,
  )
  expect((await told()).replaceAll('<Filter/>', none).replaceAll('<Prefix/>', '<Prefix></Prefix>')).toBe(sorted)
})

test('A thousand rules are taken, each with what a rule may have', async () => {
  const rules = Array.from({ length: 1000 }, (_, index) => {
    const tags = Array.from({ length: 9 }, (_, number) => tag(`${index}-${number}`)).join('')
    return rule(id(String(index)) + days(9), and(tags))
  })
  const reply = await put(rules.join(''))
  expect([reply.status, reply.text]).toEqual([200, ''])
  expect((await told()).match(/<Tag>/g)).toHaveLength(9000)
})

test('A rule without an ID, or with an empty one, gets one that stays', async () => {
  await put(rule(days(1)) + rule(id('') + days(2)))
  const first = await told()
  const ids = [...first.matchAll(/<ID>(.*?)<\/ID>/g)].map(([, text = '']) => text)
  expect(ids).toHaveLength(2)
  for (const text of ids) expect(Buffer.from(text, 'base64').toString()).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  expect(await told()).toBe(first)
})

test('The smallest object that is moved is told by Put and Get, and set back by a Put without it', async () => {
  const header = 'x-amz-transition-default-minimum-object-size'
  const reply = await put(rule(days(1)), { [header]: 'varies_by_storage_class' })
  expect(reply.headers.get(header)).toBe('varies_by_storage_class')
  expect((await s3.call('GET', '/bucket?lifecycle')).headers.get(header)).toBe('varies_by_storage_class')
  expect((await put(rule(days(1)))).headers.get(header)).toBe('all_storage_classes_128K')
  expect((await put(rule(days(1)), { [header]: 'none' })).text).toContain(
    'Invalid TransitionDefaultMinimumObjectSize found: none',
  )
  const removed = await s3.call('DELETE', '/bucket?lifecycle')
  expect([removed.status, removed.headers.get(header)]).toEqual([204, null])
  expect(await s3.call('GET', '/bucket?lifecycle')).toMatchObject({ status: 404, code: 'NoSuchLifecycleConfiguration' })
  expect((await s3.call('DELETE', '/bucket?lifecycle')).status).toBe(204)
})

test('A bucket that is not there is said first, and a document without a proof is refused', async () => {
  expect(await put('', {}, 'nowhere')).toMatchObject({ status: 404, code: 'NoSuchBucket' })
  const body = `<LifecycleConfiguration>${rule(days(1))}</LifecycleConfiguration>`
  expect(await s3.call('PUT', '/bucket?lifecycle', { body })).toMatchObject({ status: 400, code: 'InvalidRequest' })
})

test.each([
  ['neither filter nor prefix', `<Rule>${status}${days(1)}</Rule>`],
  ['a status in lower case', `<Rule>${none}<Status>enabled</Status>${days(1)}</Rule>`],
  ['no status', `<Rule>${none}${days(1)}</Rule>`],
  ['two predicates', rule(days(1), `<Filter><Prefix>a</Prefix>${tag('k')}</Filter>`)],
  ['And beside another', rule(days(1), `<Filter><Prefix>a</Prefix><And><Prefix>a</Prefix>${tag('k')}</And></Filter>`)],
  ['And with one', rule(days(1), and(tag('k')))],
  ['a tag without a value', rule(days(1), '<Filter><Tag><Key>k</Key></Tag></Filter>')],
  ['a date that is none', rule('<Expiration><Date>tomorrow</Date></Expiration>')],
  ['a fraction', rule(days('1.5'))],
  ['too large a number', rule(days('2147483648'))],
  ['too large a size', rule(days(1), `<Filter>${above('99999999999999999')}</Filter>`)],
  [
    'days and marker',
    rule('<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>'),
  ],
  ['days and date', rule('<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>')],
  ['an empty expiration', rule('<Expiration/>')],
  ['noncurrent without days', rule(noncurrent(newer(1)))],
  ['an empty noncurrent expiration', rule('<NoncurrentVersionExpiration/>')],
  ['a transition without a class', rule('<Transition><Days>30</Days></Transition>')],
  ['a transition without a time', rule('<Transition><StorageClass>GLACIER</StorageClass></Transition>')],
  ['an unknown class', rule(move(30, 'ICE'))],
  ['abort without days', rule('<AbortIncompleteMultipartUpload/>')],
  ['filter and prefix', `<Rule>${none}<Prefix>a</Prefix>${status}${days(1)}</Rule>`],
])('A document with %s is MalformedXML', async (_, rules) => {
  expect(await put(rules)).toMatchObject({ status: 400, code: 'MalformedXML' })
})

const first = (text: string, inner = days(1), ruleId = text) =>
  `<Rule><ID>${ruleId}.</ID><Prefix>${text}</Prefix>${status}${inner}</Rule>`

test.each([
  ['', 'At least one lifecycle rule must be specified.'],
  [rule(days(1)).repeat(1001), 'The number of lifecycle rules must not exceed the allowed limit of 1000 rules.'],
  [first('a') + rule(days(1)), 'Filter element can only be used in Lifecycle V2.'],
  [
    rule(days(1)) + first('a'),
    'Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.',
  ],
  [
    first('dir/', abort) + first('e', abort) + first('di', abort),
    "Found overlapping prefixes 'dir/' and 'di' for same action type 'AbortIncompleteMultipartUpload'",
  ],
  [
    first('a', noncurrent(noncurrentDays(1) + newer(1))),
    'NewerNoncurrentVersions element can only be used in Lifecycle V2.',
  ],
  [rule(''), 'At least one action needs to be specified in a rule'],
  [
    rule(move(30, 'GLACIER') + move(60, 'GLACIER'), prefix('')),
    "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=)'",
  ],
  [
    rule(`<Expiration><Date>2030-01-01</Date></Expiration>${move(1, 'GLACIER')}`, prefix('')),
    "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '(prefix=)'",
  ],
  [
    rule(move(1, 'GLACIER_IR') + moveOn('2030-01-01', 'GLACIER')),
    "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '()'",
  ],
  [rule(days(1), and(tag('k') + tag('k'))), 'Duplicate Tag Keys are not allowed.'],
  [rule(days(1), prefix('p'.repeat(1025))), 'The maximum size of a prefix is 1024'],
  [rule(days(1), `<Filter>${tag('')}</Filter>`), "A Tag's Key must be a length between 1 and 128."],
  [rule(days(1), `<Filter>${tag('k', 'v'.repeat(257))}</Filter>`), "A Tag's Value must be a length between 0 and 256."],
  [rule(days(1), `<Filter>${below(0)}</Filter>`), "'ObjectSizeLessThan' should be between 1 and 1099511627776000."],
  [rule(days(1), `<Filter>${above(-1)}</Filter>`), "'ObjectSizeGreaterThan' should be between 0 and 1099511627776000."],
  [
    rule(days(1), and(above(9) + below(9))),
    "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
  ],
  [rule(abort, `<Filter>${tag('k')}</Filter>`), 'AbortIncompleteMultipartUpload cannot be specified with Tags.'],
  [rule(abort, `<Filter>${above(1)}</Filter>`), 'AbortIncompleteMultipartUpload cannot be specified with Object Size.'],
  [
    rule(expiredMarker, and(`<Prefix>a</Prefix>${tag('k')}`)),
    'ExpiredObjectDeleteMarker cannot be specified with Tags.',
  ],
])('%#: InvalidRequest has AWS’s words', async (rules, message) => {
  const reply = await put(rules)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidRequest', Message: message })
})

test.each([
  [rule(id('i'.repeat(256)) + days(1)), 'ID', 'ID length should not exceed allowed limit of 255'],
  [
    rule(id('a') + days(1)) + rule(id('a') + days(2)),
    'ID',
    'Rule ID must be unique. Found same ID for more than one rule',
  ],
  [rule('<Expiration><Date>2022-12-31T18:02:00Z</Date></Expiration>'), 'Date', "'Date' must be at midnight GMT"],
  [rule(days(0)), 'Days', "'Days' for Expiration action must be a positive integer"],
  [
    rule(noncurrent(noncurrentDays(0))),
    'NoncurrentDays',
    "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
  ],
  [
    rule(abort.replace('3', '0')),
    'DaysAfterInitiation',
    "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
  ],
  [
    rule(noncurrent(noncurrentDays(1) + newer(0))),
    'NewerNoncurrentVersions',
    "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer",
  ],
  [rule(move(-1, 'GLACIER')), 'Days', "'Days' in Transition action must be nonnegative"],
  [
    rule(moveNoncurrent(-1, 'GLACIER')),
    'NoncurrentDays',
    "'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative",
  ],
  [
    rule(move(29, 'ONEZONE_IA')),
    'Days',
    "'Days' in Transition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'",
  ],
  [rule(move(1, 'STANDARD')), 'StorageClass', 'Invalid target Storage class for Transition action'],
  [
    rule(days(30) + move(30, 'GLACIER'), prefix('test/')),
    'Days',
    "'Days' in the Expiration action for filter '(prefix=test/)' must be greater than 'Days' in the Transition action",
  ],
  [
    rule(
      noncurrent(noncurrentDays(5)) + moveNoncurrent(5, 'GLACIER'),
      and(`<Prefix>p</Prefix>${above(1)}${below(9)}${tag('k')}`),
    ),
    'NoncurrentDays',
    "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=p and tag={key=k, value=v} and objectsizegreaterthan=1 and objectsizelessthan=9)' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
  ],
  [
    rule(move(40, 'DEEP_ARCHIVE') + move(40, 'GLACIER')),
    'Days',
    "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' for filter '()' must be greater than 'Days' in the Transition action for StorageClass 'GLACIER' for filter '()'",
  ],
  [
    rule(move(0, 'GLACIER') + move(89, 'DEEP_ARCHIVE')),
    'Days',
    "'Days' in the 'Transition' action for StorageClass 'DEEP_ARCHIVE' for filter '()' must be 90 days more than 'filter '()'' in the 'Transition' action for StorageClass 'GLACIER'",
  ],
  [
    rule(moveOn('2030-01-01', 'STANDARD_IA') + moveOn('2030-01-30', 'GLACIER')),
    'Date',
    "'Date' in the 'Transition' action for StorageClass 'GLACIER' for filter '()' must be 30 days more than 'filter '()'' in the 'Transition' action for StorageClass 'STANDARD_IA'",
  ],
])('%#: InvalidArgument has AWS’s words', async (rules, name, message) => {
  const reply = await put(rules)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName: name, Message: message })
})

test('A date is said as Java says it on the west coast', async () => {
  const reply = await put(rule('<Expiration><Date>2023-01-01T02:02:00Z</Date></Expiration>'))
  expect(await reply.xml('Error')).toMatchObject({ ArgumentValue: 'Sat Dec 31 18:02:00 PST 2022' })
})
