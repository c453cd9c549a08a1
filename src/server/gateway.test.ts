import { expect, test } from '@jest/globals'
import { readHead } from '../protocol/http.ts'
import { chooseService, deny, missingService } from './gateway.ts'

function requestWith(method: string, url: string, headers: Record<string, string> = {}) {
  return { method, head: readHead({ url, rawHeaders: Object.entries(headers).flat() }) }
}

const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
})

test.each([
  ['a plain GET', requestWith('GET', '/bucket/key'), { service: 's3' }],
  ['the S3 scope', requestWith('PUT', '/bucket/key', signedFor('s3')), { service: 's3' }],
  ['the KMS scope', requestWith('POST', '/', signedFor('kms')), { service: 'kms' }],
  ['the CloudTrail scope', requestWith('POST', '/', signedFor('cloudtrail')), { service: 'cloudtrail' }],
  [
    'a presigned STS query',
    requestWith('GET', '/?X-Amz-Credential=t%2F20260101%2Fus-east-1%2Fsts%2Faws4_request'),
    { service: 'sts' },
  ],
  ['an unsigned KMS target', requestWith('POST', '/', { 'x-amz-target': 'TrentService.ListKeys' }), { service: 'kms' }],
  [
    'an unsigned form',
    requestWith('POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }),
    { service: 'sts' },
  ],
  [
    'a form posted to a bucket',
    requestWith('POST', '/b', { 'content-type': 'application/x-www-form-urlencoded' }),
    { service: 's3' },
  ],
  [
    'a DynamoDB target',
    requestWith('POST', '/', { ...signedFor('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.ListTables' }),
    { missing: 'dynamodb', protocol: 'json' },
  ],
  [
    'an SQS form',
    requestWith('POST', '/', { ...signedFor('sqs'), 'content-type': 'application/x-www-form-urlencoded' }),
    { missing: 'sqs', protocol: 'query' },
  ],
  [
    'a presigned query with an encoded name',
    requestWith('GET', '/?X-Amz-Credentia%6C=t%2F20260101%2Fus-east-1%2Fsts%2Faws4_request'),
    { service: 'sts' },
  ],
  [
    'a website, whatever is signed',
    requestWith('GET', '/', { ...signedFor('kms'), host: 'b.s3-website.localhost:4566' }),
    { service: 'website' },
  ],
  [
    'an object named like a credential scope',
    requestWith('GET', '/bucket/Credential=test/20260101/us-east-1/kms/aws4_request'),
    { service: 's3' },
  ],
  [
    'an object whose version is named like one',
    requestWith('GET', '/bucket/key?versionId=Credential=test/20260101/us-east-1/kms/aws4_request'),
    { service: 's3' },
  ],
  [
    'a signed S3 request for an object named like a parameter of STS',
    requestWith('GET', '/bucket/key?prefix=Version=2011-06-15'),
    { service: 's3' },
  ],
  [
    'a Lambda path',
    requestWith('GET', '/2015-03-31/functions/', signedFor('lambda')),
    { missing: 'lambda', protocol: 'rest' },
  ],
])('The gateway sends %s to the right place', (_, { method, head }, choice) => {
  expect(chooseService(method, head)).toEqual(choice)
})

test('A service that is not here is named in the shape of its own protocol', async () => {
  const json = missingService('dynamodb', 'json', 'id-1')
  expect(JSON.parse(String(json.body))).toMatchObject({
    __type: 'UnknownOperationException',
    message: expect.stringContaining('dynamodb'),
  })
  const query = missingService('sqs', 'query', 'id-2')
  expect(query.body).toMatch(/<ErrorResponse.*<Code>InvalidAction<\/Code>.*The service 'sqs' is not here/s)
})

test.each([
  [
    'S3',
    requestWith('PUT', '/bucket/key', signedFor('s3')),
    403,
    'application/xml',
    /^<\?xml[^>]*>\s*<Error><Code>AccessDenied</,
  ],
  [
    'KMS',
    requestWith('POST', '/', signedFor('kms')),
    400,
    'application/x-amz-json-1.1',
    /"__type":"AccessDeniedException"/,
  ],
  ['STS', requestWith('POST', '/', signedFor('sts')), 403, 'text/xml', /<Type>Sender<\/Type><Code>AccessDenied</],
  ['a service that is not here', requestWith('GET', '/', signedFor('lambda')), 403, 'application/json', /^\{"message"/],
])('What is denied before %s sees it hears why in its protocol', (_, { method, head }, status, type, start) => {
  const answer = deny(method, head, 'because', 'id-3')
  expect([answer.status, answer.headers['content-type']]).toEqual([status, type])
  expect(answer.body).toMatch(start)
  expect(answer.body).toContain('because')
})
