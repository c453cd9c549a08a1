import {
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketAclCommand,
  type PutBucketAclCommandInput,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { exampleBucket } from './names.ts'
import type { Call } from './scenario.ts'
import { bucketArn } from './statements.ts'

/* Calls of the rows on the bucket itself. */

const Bucket = exampleBucket

function ofBucket(name: string, action: string, send: Call['send']): Call {
  return { name, action, resource: bucketArn, success: 200, send }
}

export function headBucket(): Call {
  return ofBucket('HeadBucket', 's3:ListBucket', ({ clients, actual }) =>
    clients.s3.send(new HeadBucketCommand(actual({ Bucket }))),
  )
}

export function getBucketLocation(): Call {
  return ofBucket('GetBucketLocation', 's3:GetBucketLocation', ({ clients, actual }) =>
    clients.s3.send(new GetBucketLocationCommand(actual({ Bucket }))),
  )
}

export function getBucketAcl(): Call {
  return ofBucket('GetBucketAcl', 's3:GetBucketAcl', ({ clients, actual }) =>
    clients.s3.send(new GetBucketAclCommand(actual({ Bucket }))),
  )
}

export function putBucketAcl(more: Partial<PutBucketAclCommandInput>): Call {
  return ofBucket('PutBucketAcl', 's3:PutBucketAcl', ({ clients, actual }) =>
    clients.s3.send(new PutBucketAclCommand(actual({ Bucket, ...more }))),
  )
}

export function listObjectVersions(): Call {
  return ofBucket('ListObjectVersions', 's3:ListBucketVersions', ({ clients, actual }) =>
    clients.s3.send(new ListObjectVersionsCommand(actual({ Bucket }))),
  )
}

export function listMultipartUploads(): Call {
  return ofBucket('ListMultipartUploads', 's3:ListBucketMultipartUploads', ({ clients, actual }) =>
    clients.s3.send(new ListMultipartUploadsCommand(actual({ Bucket }))),
  )
}

export function getPublicAccessBlock(): Call {
  return ofBucket('GetPublicAccessBlock', 's3:GetBucketPublicAccessBlock', ({ clients, actual }) =>
    clients.s3.send(new GetPublicAccessBlockCommand(actual({ Bucket }))),
  )
}

export function putPublicAccessBlock(): Call {
  const input = { Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }
  return ofBucket('PutPublicAccessBlock', 's3:PutBucketPublicAccessBlock', ({ clients, actual }) =>
    clients.s3.send(new PutPublicAccessBlockCommand(actual(input))),
  )
}
