import type { AwsError } from '../../aws/errors.ts'
import type { Transaction } from '../../store/database.ts'
import { readXmlBody } from '../documents/xml-body.ts'
import { childrenOf, type XmlShape } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { onBucket } from '../needs.ts'
import type { BucketOperation, BucketRequest, S3Answer, S3Services, WeighedDocument } from '../operation.ts'
import { type Identified, identifiedName } from '../records/configurations.ts'
import { decodeToken, encodeToken } from '../records/tokens.ts'

/*
 * A configuration that a bucket may have many of, each under an id, is one declared constant too. Of it come:
 *
 *   Put     ?metrics&id=X   body → XML → shape → its Id is X → check ─▶ record [bucket, metrics/X]
 *   Get     ?metrics&id=X   record, or NoSuchConfiguration; with an empty id it is a List
 *   Delete  ?metrics&id=X   the record goes, or NoSuchConfiguration
 *   List    ?metrics        a page of 100 in the order of the ids, the next by `continuation-token`
 *
 * Evidence: s3-identified-configurations.
 */

const mostConfigurations = 1000
const pageSize = 100

/** AWS's name for an operation, and the action that a caller needs: `s3:PutMetricsConfiguration`. */
interface Named {
  name: string
  action: string
  differs?: string
}

export interface IdentifiedDeclaration<Value extends { Id: string }> {
  /** The query parameter that selects it, and the name in the store. */
  subresource: string
  /** The root element of its document, and of each entry of a list. */
  root: string
  shape: XmlShape<Value>
  get: Named
  put: Named
  delete: Named
  list: Named & { root: string }
  /** @throws AwsError for an id that S3 does not take */
  checkId: (id: string) => void
  /** For a document whose Id is not the one of the query; MalformedXML when left out. */
  mismatch?: () => AwsError
  /**
   * S3's own rules, beyond the shape.
   * @returns what is kept
   * @throws AwsError in S3's words
   */
  check: (value: Value) => NoInfer<Value>
  /** What its document says to policies that are weighed for Put. */
  weighs?: (value: Value) => WeighedDocument
  /** What changes beside the record of a configuration that is new, in the same commit. */
  begin?: (services: S3Services, transaction: Transaction, place: { bucket: string; id: string }) => void
}

/** For those who act by it. */
export interface IdentifiedConfiguration<Value> {
  /** Of its records, before the id. */
  name: string
  root: string
  shape: XmlShape<Value>
  operations: readonly BucketOperation[]
  /** @returns undefined where the bucket has none of that id */
  find(services: Pick<S3Services, 'configurations'>, bucket: string, id: string): Value | undefined
  /** All of a bucket, in the order of their ids. */
  list(services: Pick<S3Services, 'configurations'>, bucket: string, after?: string): AsyncGenerator<Identified<Value>>
}

/** Makes the four operations and the records of one declaration. */
export function identifiedConfiguration<Value extends { Id: string }>(
  declaration: IdentifiedDeclaration<Value>,
): IdentifiedConfiguration<Value> {
  const { subresource, root, shape } = declaration
  const records: Records<Value> = {
    find: ({ configurations }, bucket, id) => configurations.find(identifiedName<Value>(subresource, id), bucket),
    list: ({ configurations }, bucket, after) => configurations.identified<Value>(bucket, subresource, after),
  }
  const operations = [
    getOperation(declaration, records),
    listOperation(declaration, records),
    putOperation(declaration, records),
    deleteOperation(declaration, records),
  ]
  return { ...records, name: subresource, root, shape, operations }
}

type Records<Value> = Pick<IdentifiedConfiguration<Value>, 'find' | 'list'>

function getOperation<Value extends { Id: string }>(
  declaration: IdentifiedDeclaration<Value>,
  records: Records<Value>,
): BucketOperation {
  const { subresource, root, shape, get } = declaration
  return {
    ...declared(get),
    route: `GET /{Bucket}?${subresource}&id`,
    trail: { readOnly: true },
    async handle(services, request) {
      const id = request.query.get('id') ?? ''
      if (id === '') return await listPage(declaration, records, services, request)
      const value = records.find(services, request.bucket.name, id)
      if (!value) throw s3Errors.NoSuchConfiguration()
      return { xml: { root, content: childrenOf(shape.write(value)), hasNoType: true } }
    },
  }
}

function listOperation<Value extends { Id: string }>(
  declaration: IdentifiedDeclaration<Value>,
  records: Records<Value>,
): BucketOperation {
  return {
    ...declared(declaration.list),
    route: `GET /{Bucket}?${declaration.subresource}`,
    trail: { readOnly: true },
    handle: (services, request) => listPage(declaration, records, services, request),
  }
}

async function listPage<Value extends { Id: string }>(
  { root, shape, list }: IdentifiedDeclaration<Value>,
  records: Records<Value>,
  services: S3Services,
  { bucket, query }: BucketRequest,
): Promise<S3Answer> {
  const ContinuationToken = query.get('continuation-token')
  const entries: Identified<Value>[] = []
  let IsTruncated = false
  for await (const entry of records.list(services, bucket.name, startOf(ContinuationToken))) {
    IsTruncated = entries.length === pageSize
    if (IsTruncated) break
    entries.push(entry)
  }
  const NextContinuationToken = IsTruncated ? encodeToken(entries.at(-1)?.id ?? '') : undefined
  const content = {
    ContinuationToken,
    [root]: entries.map(({ value }) => childrenOf(shape.write(value))),
    IsTruncated,
    NextContinuationToken,
  }
  return { xml: { root: list.root, content, hasNoType: true } }
}

/** @throws AwsError MalformedContinuationToken */
function startOf(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined
  const id = decodeToken(token)
  if (id === undefined) throw s3Errors.MalformedContinuationToken()
  return id
}

function putOperation<Value extends { Id: string }>(
  declaration: IdentifiedDeclaration<Value>,
  records: Records<Value>,
): BucketOperation {
  const { subresource, root, shape, put, checkId, check, mismatch = s3Errors.MalformedXML, weighs } = declaration
  return {
    ...declared(put),
    route: `PUT /{Bucket}?${subresource}&id`,
    weighs: weighs && { root, read: (document) => weighs(shape.read(document)) },
    trail: { readOnly: false },
    changesBucket: true,
    async handle(services, request, transaction) {
      const id = request.query.get('id') ?? ''
      if (id === '') throw s3Errors.InvalidConfigurationId()
      const document = await readXmlBody(request, root, 'optional')
      if (!document) throw s3Errors.MissingRequestBodyError()
      const sent = shape.read(document)
      checkId(id)
      if (sent.Id !== id) throw mismatch()
      const value = check(sent)
      const place = { bucket: request.bucket.name, id }
      await refuseTooMany(services, records, place)
      if (!records.find(services, place.bucket, id)) declaration.begin?.(services, transaction, place)
      services.configurations.put(transaction, identifiedName<Value>(subresource, id), place.bucket, value)
      return { status: 204 }
    },
  }
}

/** @throws AwsError TooManyConfigurations where one more would be */
async function refuseTooMany<Value>(
  services: S3Services,
  records: Records<Value>,
  { bucket, id }: { bucket: string; id: string },
): Promise<void> {
  if (records.find(services, bucket, id)) return
  let count = 0
  for await (const _ of records.list(services, bucket)) count++
  if (count >= mostConfigurations) throw s3Errors.TooManyConfigurations(mostConfigurations)
}

function deleteOperation<Value extends { Id: string }>(
  { subresource, delete: removal }: IdentifiedDeclaration<Value>,
  records: Records<Value>,
): BucketOperation {
  return {
    ...declared(removal),
    route: `DELETE /{Bucket}?${subresource}&id`,
    trail: { readOnly: false },
    changesBucket: true,
    async handle(services, { bucket, query }, transaction) {
      const id = query.get('id') ?? ''
      if (!records.find(services, bucket.name, id)) throw s3Errors.NoSuchConfiguration()
      services.configurations.delete(transaction, identifiedName<Value>(subresource, id), bucket.name)
      return { status: 204 }
    },
  }
}

function declared({ name, action, differs }: Named) {
  return { name, level: 'bucket' as const, needs: onBucket(action), differs }
}

const shortest = 1
const longest = 64

/** @throws AwsError MalformedXML for an id that is not `[A-Za-z0-9_.-]{1,64}` */
export function checkIdAsShape(id: string): void {
  if (id.length > longest || !/^[\w.-]+$/.test(id)) throw s3Errors.MalformedXML()
}

/** @throws AwsError InvalidConfigId, in the words of analytics and intelligent tiering */
export function checkIdByName(id: string): void {
  if (id.length < shortest || id.length > longest) {
    throw s3Errors.InvalidConfigId('Config Id should be more than 1 character and less than 64 characters in length.')
  }
  if (!/^[\w.-]+$/.test(id)) {
    throw s3Errors.InvalidConfigId('Config Id does not match the pattern ^[a-zA-Z0-9\\-_.]+$')
  }
}
