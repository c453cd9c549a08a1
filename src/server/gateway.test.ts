import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { chooseService, missingService } from './gateway.ts'

function requestWith(method: string, url: string, headers: Record<string, string> = {}): IncomingMessage {
  const incoming = new IncomingMessage(new Socket())
  return Object.assign(incoming, { method, url, headers })
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
    'a Lambda path',
    requestWith('GET', '/2015-03-31/functions/', signedFor('lambda')),
    { missing: 'lambda', protocol: 'rest' },
  ],
])('The gateway sends %s to the right place', (_, incoming, choice) => {
  expect(chooseService(incoming)).toEqual(choice)
})

test('A service that is not here is named in the shape of its own protocol', async () => {
  const json = missingService('dynamodb', 'json', 'id-1')
  expect(await json.json()).toMatchObject({
    __type: 'UnknownOperationException',
    message: expect.stringContaining('dynamodb'),
  })
  const query = missingService('sqs', 'query', 'id-2')
  expect(await query.text()).toMatch(/<ErrorResponse.*<Code>InvalidAction<\/Code>.*'sqs'|sqs/s)
})
