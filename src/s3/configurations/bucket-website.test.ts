import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

function put(content: string) {
  return s3.call('PUT', '/bucket?website', { body: `<WebsiteConfiguration>${content}</WebsiteConfiguration>` })
}

const index = '<IndexDocument><Suffix>index.html</Suffix></IndexDocument>'
const redirectAll = (more = '') =>
  `<RedirectAllRequestsTo><HostName>example.com</HostName>${more}</RedirectAllRequestsTo>`
const rule = (redirect: string, condition = '') =>
  `<RoutingRule>${condition}<Redirect>${redirect}</Redirect></RoutingRule>`
const ruled = (...rules: string[]) => `${index}<RoutingRules>${rules.join('')}</RoutingRules>`
const toHost = '<HostName>h</HostName>'

test('A website is put, read as it was sent, replaced as a whole and deleted', async () => {
  const absent = await s3.call('GET', '/bucket?website')
  expect(absent.status).toBe(404)
  expect(await absent.xml('Error')).toMatchObject({
    Code: 'NoSuchWebsiteConfiguration',
    Message: 'The specified bucket does not have a website configuration',
    BucketName: 'bucket',
  })
  const condition = '<Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>'
  const rules = ruled(rule('<ReplaceKeyPrefixWith></ReplaceKeyPrefixWith>', condition), rule(toHost))
  const done = await put(`<ErrorDocument><Key>errors/404.html</Key></ErrorDocument>${rules}`)
  expect([done.status, done.text]).toEqual([200, ''])
  expect(await (await s3.call('GET', '/bucket?website')).xml('WebsiteConfiguration')).toEqual({
    ErrorDocument: { Key: 'errors/404.html' },
    IndexDocument: { Suffix: 'index.html' },
    RoutingRules: {
      RoutingRule: [
        { Condition: { HttpErrorCodeReturnedEquals: '404' }, Redirect: { ReplaceKeyPrefixWith: '' } },
        { Redirect: { HostName: 'h' } },
      ],
    },
  })
  await put(redirectAll('<Protocol>https</Protocol>'))
  expect(await (await s3.call('GET', '/bucket?website')).xml('WebsiteConfiguration')).toEqual({
    RedirectAllRequestsTo: { HostName: 'example.com', Protocol: 'https' },
  })
  for (let time = 0; time < 2; time++) expect((await s3.call('DELETE', '/bucket?website')).status).toBe(204)
  expect((await s3.call('GET', '/bucket?website')).code).toBe('NoSuchWebsiteConfiguration')
})

test.each([
  ['', 'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty', 'IndexDocument', 'null'],
  [
    '<ErrorDocument><Key>e</Key></ErrorDocument>',
    'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
    'IndexDocument',
    'null',
  ],
  [
    '<IndexDocument><Suffix></Suffix></IndexDocument>',
    'The IndexDocument Suffix is not well formed',
    'IndexDocument',
    '',
  ],
  [
    '<IndexDocument><Suffix>a/index.html</Suffix></IndexDocument>',
    'The IndexDocument Suffix is not well formed',
    'IndexDocument',
    'a/index.html',
  ],
  [
    redirectAll() + index,
    'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.',
    'RedirectAllRequestsTo',
    'not null',
  ],
  [
    `${index}<ErrorDocument><Key></Key></ErrorDocument>`,
    'The ErrorDocument Key is not well formed',
    'ErrorDocument',
    '',
  ],
])('InvalidArgument: %s', async (content, Message, ArgumentName, ArgumentValue) => {
  const refused = await put(content)
  expect(refused.status).toBe(400)
  expect(await refused.xml('Error')).toMatchObject({ Code: 'InvalidArgument', Message, ArgumentName, ArgumentValue })
})

const protocol =
  'Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.'
const errorCode = (code: string) =>
  ruled(rule(toHost, `<Condition><HttpErrorCodeReturnedEquals>${code}</HttpErrorCodeReturnedEquals></Condition>`))
const redirectCode = (code: string) => ruled(rule(`<HttpRedirectCode>${code}</HttpRedirectCode>`))

test.each([
  [redirectAll('<Protocol>HTTP</Protocol>'), protocol],
  [ruled(rule('<Protocol>ftp</Protocol>')), protocol],
  [
    '<RedirectAllRequestsTo><HostName></HostName></RedirectAllRequestsTo>',
    'A host name must be provided to redirect all requests (e.g. "example.com").',
  ],
  [
    ruled(rule('<ReplaceKeyPrefixWith>a</ReplaceKeyPrefixWith><ReplaceKeyWith>b</ReplaceKeyWith>')),
    'You can only define ReplaceKeyPrefix or ReplaceKey but not both.',
  ],
  [
    ruled(rule(toHost, '<Condition/>')),
    "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
  ],
  [ruled(rule(toHost).repeat(51)), 'The number of routing rules must not exceed 50.'],
  [errorCode('399'), 'The provided HTTP error code (399) is not valid. Valid codes are 4XX or 5XX.'],
  [errorCode('600'), 'The provided HTTP error code (600) is not valid. Valid codes are 4XX or 5XX.'],
  [redirectCode('300'), 'The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300.'],
  [redirectCode('400'), 'The provided HTTP redirect code (400) is not valid. Valid codes are 3XX except 300.'],
])('InvalidRequest: %s', async (content, Message) => {
  const refused = await put(content)
  expect(refused.status).toBe(400)
  expect(await refused.xml('Error')).toMatchObject({ Code: 'InvalidRequest', Message })
})

test.each([
  `${index}<RoutingRules/>`,
  ruled('<RoutingRule/>'),
  errorCode('soon'),
  redirectCode(''),
  '<IndexDocument/>',
  '<RedirectAllRequestsTo/>',
  '<Other/>',
])('MalformedXML: %s', async (content) => {
  expect(await put(content)).toMatchObject({ status: 400, code: 'MalformedXML' })
})

test.each([
  ruled(rule(toHost).repeat(50)),
  errorCode('400'),
  errorCode('599'),
  redirectCode('301'),
  redirectCode('399'),
])('S3 takes %s', async (content) => {
  expect((await put(content)).status).toBe(200)
})
