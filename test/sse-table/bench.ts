import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { EmulatorOptions } from '../../src/options.ts'
import { sendForm } from './form.ts'
import { asking, customerKey, type OperationName, opening, type SchemeName, schemes, sourceHeaders } from './schemes.ts'
import { type Expected, element, expectReply, type Headers, type Reply, Table } from './table.ts'

/** One row: an operation, what it works on, what is sent, what must come of it. */
export interface Row extends Expected {
  operation: OperationName
  /** The scheme of the object that is read or deleted, or of the upload. */
  on?: SchemeName
  /** The scheme of a copy's source; its customer key is sent unless `headers` do. Default: none. */
  source?: SchemeName
  /** Added to the request; an upload's and an object's own key must be sent here. */
  headers?: Headers
  /** Further parameters of the SDK's command. */
  input?: Record<string, unknown> & { Bucket?: string; Key?: string }
}

export const body = 'What is written here is nobody’s business.'

/** A table with a bucket, a KMS key and an object of each scheme, named as its scheme. */
export class Bench {
  readonly table: Table
  readonly bucket: string
  readonly keyArn: string
  #count = 0

  private constructor(table: Table, bucket: string, keyArn: string) {
    this.table = table
    this.bucket = bucket
    this.keyArn = keyArn
  }

  static async open(options: Partial<EmulatorOptions> = {}, bucket = 'table'): Promise<Bench> {
    const table = await Table.open(options)
    const bench = new Bench(table, await table.journey.createBucket(bucket), await table.journey.createKey())
    for (const scheme of schemes) await bench.put(scheme, asking(scheme, bench.keyArn))
    await table.events()
    return bench
  }

  /** Runs a row and holds it against what it expects. */
  async check(row: Row): Promise<Reply> {
    const { reply, key } = await this.#send(row)
    expectReply(reply, await this.events(key, row.source), row)
    return reply
  }

  /** Runs what a row sends. */
  async send(row: Omit<Row, keyof Expected>): Promise<Reply> {
    return (await this.#send(row)).reply
  }

  async #send(row: Omit<Row, keyof Expected>): Promise<{ reply: Reply; key: string }> {
    const { operation, on = 'none', source = 'none', headers = {}, input = {} } = row
    const place = { Bucket: this.bucket, ...(await this.#placeFor(operation, on)), ...this.#sourceOf(row), ...input }
    const { Bucket, Key } = place
    const sourceKey = isCopy(operation) && source === 'SSE-C' ? sourceHeaders(customerKey) : {}
    await this.table.events()
    const reply =
      operation === 'PostObject'
        ? await sendForm(this.table.journey.s3, { Bucket, Key, fields: headers, body })
        : await this.table.send({ ...sourceKey, ...headers }, (s3) => run(s3, operation, place))
    return { reply, key: Key }
  }

  /** KMS's events since the last look, in terms of an object, a source and their bucket. */
  events(key: string, source = 'none'): Promise<string[]> {
    const bucketArn = `arn:aws:s3:::${this.bucket}`
    return this.table.events({
      [bucketArn]: 'bucket',
      [`${bucketArn}/${source}`]: 'source',
      [`${bucketArn}/${key}`]: 'object',
    })
  }

  put(Key: string, headers: Headers = {}, Body: string | Uint8Array = body): Promise<Reply> {
    return this.table.send(headers, (s3) => s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body })))
  }

  get(Key: string, headers: Headers = {}): Promise<Reply> {
    return this.table.send(headers, (s3) => s3.send(new GetObjectCommand({ Bucket: this.bucket, Key })))
  }

  newKey(): string {
    return `row-${++this.#count}`
  }

  copySource(scheme: string): string {
    return `${this.bucket}/${encodeURIComponent(scheme)}`
  }

  /** An upload of the scheme. */
  async createUpload(scheme: SchemeName, headers: Headers = {}): Promise<{ Key: string; UploadId: string }> {
    const Key = this.newKey()
    const asked = { ...asking(scheme, this.keyArn), ...headers }
    const created = await this.table.send(asked, (s3) => run(s3, 'CreateMultipartUpload', { Bucket: this.bucket, Key }))
    const UploadId = element(created, 'UploadId')
    if (UploadId === undefined) throw new Error(created.text)
    return { Key, UploadId }
  }

  #sourceOf({ operation, source = 'none' }: Pick<Row, 'operation' | 'source'>): { CopySource?: string } {
    return isCopy(operation) ? { CopySource: this.copySource(source) } : {}
  }

  async #placeFor(operation: OperationName, scheme: SchemeName): Promise<Record<string, unknown> & { Key: string }> {
    if (operation === 'DeleteObject') {
      const Key = this.newKey()
      await this.put(Key, asking(scheme, this.keyArn))
      return { Key }
    }
    if (['GetObject', 'HeadObject', 'GetObjectAttributes'].includes(operation)) return { Key: scheme }
    if (!['UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload', 'ListParts'].includes(operation)) {
      return { Key: this.newKey() }
    }
    const upload = await this.createUpload(scheme)
    if (operation.startsWith('UploadPart')) return upload
    const part = await this.table.send(opening(scheme), (s3) =>
      run(s3, 'UploadPart', { Bucket: this.bucket, ...upload }),
    )
    return { ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.headers.etag }] } }
  }
}

function isCopy(operation: OperationName): boolean {
  return operation === 'CopyObject' || operation === 'UploadPartCopy'
}

/** All but the form, which the SDK only signs. */
type SdkOperation = Exclude<OperationName, 'PostObject'>

interface Input {
  Bucket: string
  Key: string
  [name: string]: unknown
}

/** Sends an operation with small contents of its own. */
export function run(s3: S3Client, operation: SdkOperation, input: Input): Promise<unknown> {
  const upload = { ...input, UploadId: String(input.UploadId) }
  const part = { PartNumber: 1, ...upload }
  const source = { CopySource: String(input.CopySource) }
  const sends: Record<SdkOperation, () => Promise<unknown>> = {
    PutObject: () => s3.send(new PutObjectCommand({ Body: body, ...input })),
    CopyObject: () => s3.send(new CopyObjectCommand({ ...input, ...source })),
    CreateMultipartUpload: () => s3.send(new CreateMultipartUploadCommand(input)),
    UploadPart: () => s3.send(new UploadPartCommand({ Body: body, ...part })),
    UploadPartCopy: () => s3.send(new UploadPartCopyCommand({ ...part, ...source })),
    CompleteMultipartUpload: () => s3.send(new CompleteMultipartUploadCommand(upload)),
    ListParts: () => s3.send(new ListPartsCommand(upload)),
    GetObject: () => s3.send(new GetObjectCommand(input)),
    HeadObject: () => s3.send(new HeadObjectCommand(input)),
    GetObjectAttributes: () => s3.send(new GetObjectAttributesCommand({ ObjectAttributes: ['ETag'], ...input })),
    DeleteObject: () => s3.send(new DeleteObjectCommand(input)),
  }
  return sends[operation]()
}
