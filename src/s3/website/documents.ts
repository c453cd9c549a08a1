import { anonymousCaller } from '../../aws/caller.ts'
import type { AwsError } from '../../aws/errors.ts'
import { type HttpCall, noBytes } from '../../protocol/http.ts'
import { perform } from '../http/perform.ts'
import { refusalOf } from '../http/refusal.ts'
import type { AddressedRequest, ObjectOperation, S3Answer, S3Services } from '../operation.ts'
import { GetObject } from '../operations/object/get-object.ts'
import { HeadObject } from '../operations/object/head-object.ts'
import type { BucketRecord } from '../records/buckets.ts'

/*
 * Objects as an anonymous reader gets them, by S3's own operations: policies, ACLs, conditions, ranges and keys have the same say. What a
 * visitor signs has no meaning for a website, nor have parameters of the query.
 */

/** Who reads what of a bucket. */
export interface Reader {
  services: S3Services
  bucket: BucketRecord
  call: HttpCall
  requestId: string
}

/** Why an object is not read. */
export class Unreadable extends Error {
  /** As the visitor hears it. */
  readonly refusal: AwsError
  /** Whether there is no such key, whatever the visitor hears. */
  readonly isMissing: boolean
  /** By which its permissions were weighed. */
  readonly call: HttpCall

  constructor(refusal: AwsError, isMissing: boolean, call: HttpCall) {
    super(refusal.message, { cause: refusal })
    this.refusal = refusal
    this.isMissing = isMissing
    this.call = call
  }
}

/**
 * What GetObject's headers would be.
 * @throws Unreadable
 */
export function examine(reader: Reader, key: string): Promise<S3Answer> {
  return read(reader, HeadObject, key)
}

/**
 * The object; of a HEAD its headers.
 * @throws Unreadable
 */
export function open(reader: Reader, key: string): Promise<S3Answer> {
  return read(reader, reader.call.method === 'HEAD' ? HeadObject : GetObject, key)
}

/** Where an object sends its visitors, if anywhere; asked of one that was examined. */
export function redirectLocation({ services, bucket }: Reader, key: string): string | undefined {
  return services.objects.find(bucket.name, key)?.record.attributes?.websiteRedirectLocation
}

const noParameters: ReadonlyMap<string, string> = new Map()

/** The request of S3's API that a read of a page comes to. */
export function requestFor({ bucket, requestId, ...reader }: Reader, operation: ObjectOperation, key: string) {
  const call = anonymous(reader.call)
  const request: AddressedRequest = {
    operation: operation.name,
    virtualHost: true,
    query: noParameters,
    headers: call.headers,
    call,
    authentication: {
      caller: anonymousCaller,
      signature: 'none',
      method: 'none',
      region: bucket.region,
      payload: { coding: 'unsigned' },
    },
    body: { length: 0, bytes: noBytes, trailers: {}, announcedTrailers: [] },
    requestId,
    // Of a read nothing is told.
    hostId: '',
    bucketName: bucket.name,
    key,
  }
  return request
}

async function read(reader: Reader, operation: ObjectOperation, key: string) {
  const { services, bucket, requestId } = reader
  const request = requestFor(reader, operation, key)
  const { call } = request
  try {
    return await perform(operation, services, request)
  } catch (error) {
    const refusal = refusalOf(services.access.asTold(call, error))
    if (refusal.status === 500) services.log.error('a page of a website failed', error, { requestId })
    throw new Unreadable(refusal, services.objects.find(bucket.name, key) === undefined, call)
  }
}

/** The call without what makes a request of S3's API. A call of its own: what is weighed for it is kept by it. */
export function anonymous(call: HttpCall): HttpCall {
  const isPlain = (name: string) => name !== 'authorization' && !name.startsWith('x-amz-')
  return { ...call, query: '', headers: withHeaders(call, isPlain), session: undefined }
}

/** Reads whole objects, whatever range or condition the visitor sent. */
export function unconditional({ call, ...reader }: Reader): Reader {
  const isUnconditional = (name: string) => name !== 'range' && !name.startsWith('if-')
  return { ...reader, call: { ...call, headers: withHeaders(call, isUnconditional) } }
}

function withHeaders({ headers }: HttpCall, isWanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isWanted(name)))
}
