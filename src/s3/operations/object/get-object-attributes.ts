import type { XmlElement } from '../../../protocol/rest-xml.ts'
import { s3Errors } from '../../errors.ts'
import { onVersion } from '../../needs.ts'
import { checksumElement, checksumElements, openChecksum, withoutPartCount } from '../../objects/checksums.ts'
import { httpDate } from '../../objects/metadata.ts'
import { findObject, openObject } from '../../objects/read.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation, ObjectRequest } from '../../operation.ts'
import { storageClassOf } from '../../records/object-attributes.ts'
import type { StoredChecksum, StoredObject } from '../../records/object-record.ts'
import type { Envelope } from '../../sse/envelope.ts'
import { checkRead, checkTransport, readCustomerKey } from '../../sse/headers.ts'

const attributeNames = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const

type Attribute = (typeof attributeNames)[number]

/** Tells what is asked for of an object. A checksum is told only under an open envelope: under a KMS key, for one Decrypt. */
export const GetObjectAttributes: ObjectOperation = {
  name: 'GetObjectAttributes',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?attributes',
  addressing: ['versionId'],
  needs: onVersion(
    ['s3:GetObject', 's3:GetObjectAttributes'],
    ['s3:GetObjectVersion', 's3:GetObjectVersionAttributes'],
  ),
  async handle(services, request) {
    const { key, headers, query } = request
    const { bucket } = request
    const asked = readAttributes(headers['x-amz-object-attributes'])
    const object = findObject(services, bucket, key, query.get('versionId'))
    checkTransport(headers, request.call.secure, services.settings.requireTlsForSseC)
    const customerKey = readCustomerKey(headers, 'request')
    checkRead(object.record.envelope, request, customerKey)
    const { record } = object
    const includesChecksum = record.checksum !== undefined && (asked.has('Checksum') || asked.has('ObjectParts'))
    const needsKey = record.envelope.scheme === 'SSE-C' || includesChecksum
    const envelope = needsKey ? await openObject(services, bucket, request, { key, object, customerKey }) : undefined
    const checksum = record.checksum && opened(envelope, record.checksum)
    const content: XmlElement = {
      ETag: asked.has('ETag') ? record.etag : undefined,
      Checksum: asked.has('Checksum') && checksum ? checksumElements(withoutPartCount(checksum)) : undefined,
      ObjectParts: asked.has('ObjectParts') ? partsElement(request, object, envelope) : undefined,
      StorageClass: asked.has('StorageClass') ? storageClassOf(record) : undefined,
      ObjectSize: asked.has('ObjectSize') ? record.size : undefined,
    }
    return {
      headers: { 'Last-Modified': httpDate(record.lastModified), 'x-amz-version-id': shownVersion(bucket, record) },
      xml: { root: 'GetObjectAttributesResponse', content },
    }
  },
}

/** A comma-separated list; one comma may end it (evidence: s3-attributes). */
function readAttributes(header = ''): ReadonlySet<Attribute> {
  if (/^[,\s]*$/.test(header)) {
    throw s3Errors.InvalidRequest(
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    )
  }
  return new Set(header.replace(/,\s*$/, '').split(',').map(readAttribute))
}

function readAttribute(member: string): Attribute {
  const name = member.trim()
  const attribute = attributeNames.find((known) => known === name)
  if (attribute !== undefined) return attribute
  throw s3Errors.InvalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', name)
}

const largestPage = 1000

/** The parts of a multipart object; each is told only where it has a checksum of its own (GetObjectAttributes, "ObjectParts"). */
function partsElement(
  { headers }: ObjectRequest,
  { record, bodies }: StoredObject,
  envelope: Envelope | undefined,
): XmlElement | undefined {
  if (!('partCount' in record.body)) return undefined
  const PartsCount = record.body.partCount
  if (record.checksum?.type !== 'COMPOSITE') return { PartsCount }
  const limit = Math.min(readNumber(headers, 'x-amz-max-parts') ?? largestPage, largestPage)
  const marker = readNumber(headers, 'x-amz-part-number-marker') ?? 0
  const behind = bodies.filter(({ number }) => number > marker)
  const page = behind.slice(0, limit)
  return {
    PartsCount,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: page.length < behind.length,
    Part: page.map(({ number, size, checksum }) => ({
      PartNumber: number,
      Size: size,
      ...checksumElement(checksum && opened(envelope, checksum)),
    })),
  }
}

function opened(envelope: Envelope | undefined, checksum: StoredChecksum): StoredChecksum {
  return envelope ? openChecksum(envelope, checksum) : checksum
}

function readNumber(headers: ObjectRequest['headers'], name: string): number | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw s3Errors.InvalidArgument(`Provided ${name} not an integer or within integer range`, name, value)
}
