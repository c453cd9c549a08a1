import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  DecryptCommand,
  type DecryptCommandInput,
  DescribeKeyCommand,
  EncryptCommand,
  type EncryptCommandInput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  GetKeyPolicyCommand,
  ListGrantsCommand,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms'
import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  GetBucketPolicyCommand,
  GetObjectAclCommand,
  type GetObjectAclCommandInput,
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  type GetObjectTaggingCommandInput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  type PutObjectAclCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { exampleBucket, exampleDestination, exampleKey, keyArn } from './names.ts'
import { documentOf } from './principals.ts'
import type { Call, Statement } from './scenario.ts'
import type { Clients } from './target.ts'

/* The calls of the rows. */

const bucketArn = `arn:aws:s3:::${exampleBucket}`
const Bucket = exampleBucket

const ofObject = (operation: string, Key: string, action: string, send: Call['send'], success = 200): Call => {
  return { name: `${operation} ${Key}`, action, resource: `${bucketArn}/${Key}`, success, send }
}

/** Of one version actions have another name: `s3:GetObjectVersionTagging`. */
const versioned = (action: string, { VersionId }: { VersionId?: string }) =>
  VersionId ? action.replace('Object', 'ObjectVersion') : action

export function getObject(Key: string, more: Partial<GetObjectCommandInput> = {}): Call {
  const input = { Bucket, Key, ...more }
  return ofObject('GetObject', Key, versioned('s3:GetObject', more), async ({ clients, actual }) => {
    const { Body, $metadata } = await clients.s3.send(new GetObjectCommand(actual(input)))
    // What is not read keeps its connection.
    await Body?.transformToByteArray()
    return { $metadata }
  })
}

export function headObject(Key: string, more: Partial<HeadObjectCommandInput> = {}): Call {
  const input = { Bucket, Key, ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new HeadObjectCommand(actual(input)))
  return ofObject('HeadObject', Key, 's3:GetObject', send)
}

export function putObject(Key: string, more: Partial<PutObjectCommandInput> = {}): Call {
  const input = { Bucket, Key, Body: 'text', ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new PutObjectCommand(actual(input)))
  return ofObject('PutObject', Key, 's3:PutObject', send)
}

export function deleteObject(Key: string, more: Partial<DeleteObjectCommandInput> = {}): Call {
  const input = { Bucket, Key, ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new DeleteObjectCommand(actual(input)))
  return ofObject('DeleteObject', Key, versioned('s3:DeleteObject', more), send, 204)
}

export function getObjectAcl(Key: string, more: Partial<GetObjectAclCommandInput> = {}): Call {
  const input = { Bucket, Key, ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new GetObjectAclCommand(actual(input)))
  return ofObject('GetObjectAcl', Key, versioned('s3:GetObjectAcl', more), send)
}

export function getObjectAttributes(Key: string): Call {
  const input: GetObjectAttributesCommandInput = { Bucket, Key, ObjectAttributes: ['ObjectSize'] }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new GetObjectAttributesCommand(actual(input)))
  return ofObject('GetObjectAttributes', Key, 's3:GetObjectAttributes', send)
}

export function putObjectTagging(Key: string, tags: Record<string, string>): Call {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const input = { Bucket, Key, Tagging: { TagSet } }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new PutObjectTaggingCommand(actual(input)))
  return ofObject('PutObjectTagging', Key, 's3:PutObjectTagging', send)
}

export function putObjectAcl(Key: string, more: Partial<PutObjectAclCommandInput>): Call {
  const input = { Bucket, Key, ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new PutObjectAclCommand(actual(input)))
  return ofObject('PutObjectAcl', Key, 's3:PutObjectAcl', send)
}

export function getObjectTagging(Key: string, more: Partial<GetObjectTaggingCommandInput> = {}): Call {
  const input = { Bucket, Key, ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new GetObjectTaggingCommand(actual(input)))
  return ofObject('GetObjectTagging', Key, versioned('s3:GetObjectTagging', more), send)
}

/** Within the bucket, or to the second one. */
export function copyObject(from: string, to: string, more: Partial<CopyObjectCommandInput> = {}): Call {
  const target = more.Bucket ?? Bucket
  const input = { Bucket: target, Key: to, CopySource: `${Bucket}/${from}`, ...more }
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new CopyObjectCommand(actual(input)))
  const resource = `arn:aws:s3:::${target}/${to}`
  return { name: `CopyObject ${from} to ${to}`, action: 's3:PutObject', resource, success: 200, send }
}

export const toDestination = { Bucket: exampleDestination }

export function listObjects(more: Partial<ListObjectsV2CommandInput> = {}): Call {
  const send: Call['send'] = ({ clients, actual }) =>
    clients.s3.send(new ListObjectsV2Command(actual({ Bucket, ...more })))
  const of = Object.entries(more).map(([name, value]) => ` ${name}=${value}`)
  return { name: `ListObjectsV2${of.join('')}`, action: 's3:ListBucket', resource: bucketArn, success: 200, send }
}

export function getBucketPolicy(): Call {
  const send: Call['send'] = ({ clients, actual }) => clients.s3.send(new GetBucketPolicyCommand(actual({ Bucket })))
  return { name: 'GetBucketPolicy', action: 's3:GetBucketPolicy', resource: bucketArn, success: 200, send }
}

/** @param statements on the bucket and all its objects */
export function putBucketPolicy(statements: readonly Statement[]): Call {
  const Policy = documentOf(statements.map((one) => ({ Resource: [bucketArn, `${bucketArn}/*`], ...one })))
  const send: Call['send'] = ({ clients, actual }) =>
    clients.s3.send(new PutBucketPolicyCommand(actual({ Bucket, Policy })))
  return { name: 'PutBucketPolicy', action: 's3:PutBucketPolicy', resource: bucketArn, success: 204, send }
}

const ofKey = (operation: string, send: Call['send']): Call => {
  return { name: operation, action: `kms:${operation}`, resource: keyArn(), success: 200, send }
}
const KeyId = exampleKey

export function encrypt(more: Partial<EncryptCommandInput> = {}): Call {
  const input = { KeyId, Plaintext: Buffer.from('text'), ...more }
  return ofKey('Encrypt', ({ clients, actual }) => clients.kms.send(new EncryptCommand(actual(input))))
}

/** @param name of a ciphertext of the scenario's keys */
export function decrypt(name: string, more: Partial<DecryptCommandInput> = {}): Call {
  const call = ofKey('Decrypt', ({ clients, actual, ciphertext }) =>
    clients.kms.send(new DecryptCommand(actual({ CiphertextBlob: ciphertext(name), ...more }))),
  )
  return { ...call, name: `Decrypt ${name}` }
}

export function generateDataKey(more: Partial<GenerateDataKeyCommandInput> = {}): Call {
  const input: GenerateDataKeyCommandInput = { KeyId, KeySpec: 'AES_256', ...more }
  return ofKey('GenerateDataKey', ({ clients, actual }) => clients.kms.send(new GenerateDataKeyCommand(actual(input))))
}

export function reEncrypt(name: string, more: Partial<ReEncryptCommandInput> = {}): Call {
  const call = ofKey('ReEncryptFrom', ({ clients, actual, ciphertext }) => {
    const input = { CiphertextBlob: ciphertext(name), DestinationKeyId: KeyId, ...more }
    return clients.kms.send(new ReEncryptCommand(actual(input)))
  })
  return { ...call, name: `ReEncrypt ${name}` }
}

export function describeKey(id = exampleKey): Call {
  return ofKey('DescribeKey', ({ clients, actual }) => clients.kms.send(new DescribeKeyCommand(actual({ KeyId: id }))))
}

export function getKeyPolicy(): Call {
  return ofKey('GetKeyPolicy', ({ clients, actual }) => clients.kms.send(new GetKeyPolicyCommand(actual({ KeyId }))))
}

export function listGrants(): Call {
  return ofKey('ListGrants', ({ clients, actual }) => clients.kms.send(new ListGrantsCommand(actual({ KeyId }))))
}

export function createGrant(input: Omit<CreateGrantCommandInput, 'KeyId'>): Call {
  return ofKey('CreateGrant', ({ clients, actual }) =>
    clients.kms.send(new CreateGrantCommand(actual({ KeyId, ...input }))),
  )
}

/** With headers that policies ask about. */
export function withHeaders(headers: Record<string, string>, call: Call): Call {
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const send: Call['send'] = (world) => {
    const { s3 } = world.clients
    const headed: Clients['s3'] = Object.create(s3, { middlewareStack: { value: s3.middlewareStack.clone() } })
    headed.middlewareStack.add(
      (next) => (given) => {
        Object.assign(Object(given).request.headers, headers)
        return next(given)
      },
      { step: 'build' },
    )
    return call.send({ ...world, clients: { ...world.clients, s3: headed } })
  }
  return { ...call, name: `${call.name} with ${named.join(', ')}`, send }
}
