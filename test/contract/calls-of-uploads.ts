import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { exampleBucket, exampleUpload } from './names.ts'
import type { Call } from './scenario.ts'
import { bucketArn } from './statements.ts'

/* Calls of the rows on multipart uploads. */

const Bucket = exampleBucket

function ofUpload(operation: string, Key: string, action: string, send: Call['send'], success = 200): Call {
  return { name: `${operation} ${Key}`, action, resource: `${bucketArn}/${Key}`, success, send }
}

export function createMultipartUpload(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}): Call {
  return ofUpload('CreateMultipartUpload', Key, 's3:PutObject', ({ clients, actual }) =>
    clients.s3.send(new CreateMultipartUploadCommand(actual({ Bucket, Key, ...more }))),
  )
}

export function uploadPart(Key: string, UploadId = exampleUpload): Call {
  const input = { Bucket, Key, UploadId, PartNumber: 1, Body: 'text' }
  return ofUpload('UploadPart', Key, 's3:PutObject', ({ clients, actual }) =>
    clients.s3.send(new UploadPartCommand(actual(input))),
  )
}

export function uploadPartCopy(from: string, Key: string, UploadId = exampleUpload): Call {
  const input = { Bucket, Key, UploadId, PartNumber: 2, CopySource: `${Bucket}/${from}` }
  return ofUpload(`UploadPartCopy ${from} to`, Key, 's3:PutObject', ({ clients, actual }) =>
    clients.s3.send(new UploadPartCopyCommand(actual(input))),
  )
}

export function listParts(Key: string, UploadId = exampleUpload): Call {
  return ofUpload('ListParts', Key, 's3:ListMultipartUploadParts', ({ clients, actual }) =>
    clients.s3.send(new ListPartsCommand(actual({ Bucket, Key, UploadId }))),
  )
}

export function abortMultipartUpload(Key: string, UploadId = exampleUpload): Call {
  const send: Call['send'] = ({ clients, actual }) =>
    clients.s3.send(new AbortMultipartUploadCommand(actual({ Bucket, Key, UploadId })))
  return ofUpload('AbortMultipartUpload', Key, 's3:AbortMultipartUpload', send, 204)
}
