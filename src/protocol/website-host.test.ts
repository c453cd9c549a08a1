import { expect, test } from '@jest/globals'
import { readWebsiteHost } from './website-host.ts'

test.each([
  ['b.s3-website.localhost:4566', 'b', undefined],
  ['b.s3-website.localhost', 'b', undefined],
  ['B.S3-Website.LOCALHOST', 'b', undefined],
  ['www.example.com.s3-website-us-east-1.amazonaws.com', 'www.example.com', 'us-east-1'],
  ['b.s3-website.eu-central-1.amazonaws.com', 'b', 'eu-central-1'],
  ['b.s3-website.us-gov-west-1.localhost:80', 'b', 'us-gov-west-1'],
  ['b.s3-website.localhost.localstack.cloud:4566', 'b', undefined],
  ['b.s3-website', 'b', undefined],
  ['a.s3-website.b.s3-website.localhost', 'a.s3-website.b', undefined],
  ['s3-website.localhost:4566', '', undefined],
  ['s3-website-eu-west-1.amazonaws.com', '', 'eu-west-1'],
])('%s is the website of %j', (host, bucket, region) => {
  expect(readWebsiteHost(host)).toEqual({ bucket, region })
})

test.each([
  undefined,
  '',
  'localhost:4566',
  'b.s3.localhost',
  'my-s3-website.localhost',
  'b.s3-websites.localhost',
  'b.s3-website-local.host',
  's3-website1.localhost',
])('%s is no host of a website', (host) => {
  expect(readWebsiteHost(host)).toBeUndefined()
})
