import { createHash } from 'node:crypto'
import { type Content, type Damage, type OpenedStore, openStoreWith } from './verify.fixture.ts'
import { verify } from './verify.ts'

/* A store with something of every kind that verify tells apart, and the names by which it is found there. */

export interface SoundStore {
  content: Content
  keyId: string
  multiRegionKeyId: string
  grantId: string
  uploadId: string
  /** Version ids of `versions/v`, the oldest first; the third is a delete marker. */
  versions: string[]
  composite: string
  full: string
}

/** A way to damage it, and what is told then: `kind where: message`. */
export interface DamageRow {
  name: string
  damage(damage: Damage): unknown
  told: readonly RegExp[]
}

/** What verify tells of a store that was damaged. */
export async function toldOf({ content }: SoundStore, { damage }: DamageRow): Promise<string[]> {
  const store = await openStoreWith(content, damage)
  try {
    const { ok, faults } = await verify(store.services)
    if (ok !== (faults.length === 0)) throw new Error('It contradicts itself')
    return faults.map(({ kind, where, message }) => `${kind} ${where}: ${message}`)
  } finally {
    await store.close()
  }
}

const customerKey = Buffer.alloc(32, 1)
const customer = {
  'x-amz-server-side-encryption-customer-algorithm': 'AES256',
  'x-amz-server-side-encryption-customer-key': customerKey.toString('base64'),
  'x-amz-server-side-encryption-customer-key-md5': createHash('md5').update(customerKey).digest('base64'),
}
const mebibyte = 1 << 20
const part = 'p'.repeat(5 * mebibyte)

export async function soundStore(): Promise<SoundStore> {
  const store = await openStoreWith()
  const { s3, json, iam } = store
  const keyId = String(Object(await json('kms', 'CreateKey')).KeyMetadata.KeyId)
  await json('kms', 'CreateAlias', { AliasName: 'alias/one', TargetKeyId: keyId })
  const grant = { KeyId: keyId, GranteePrincipal: 'arn:aws:iam::000000000000:user/alice', Operations: ['Decrypt'] }
  const RetiringPrincipal = 'arn:aws:iam::000000000000:user/bob'
  const grantId = String((await json('kms', 'CreateGrant', { ...grant, RetiringPrincipal })).GrantId)
  const multiRegionKeyId = String(Object(await json('kms', 'CreateKey', { MultiRegion: true })).KeyMetadata.KeyId)
  await json('kms', 'ReplicateKey', { KeyId: multiRegionKeyId, ReplicaRegion: 'eu-west-1' })
  await iam('CreateUser', { UserName: 'alice' })
  await iam('CreateAccessKey', { UserName: 'alice' })
  await iam('CreateGroup', { GroupName: 'team' })
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
  })
  await iam('CreatePolicy', { PolicyName: 'nothing', PolicyDocument })
  await iam('CreateAccountAlias', { AccountAlias: 'first' })

  for (const bucket of ['plain', 'versions', 'trails']) await s3('PUT', `/${bucket}`)
  await s3('PUT', '/plain/small', 'small')
  await s3('PUT', '/plain/large', 'l'.repeat(600_000))
  await s3('PUT', '/plain/second', 'l'.repeat(300_000))
  const sealed = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': keyId }
  await s3('PUT', '/plain/sealed', 's'.repeat(600_000), sealed)
  await s3('PUT', '/plain/customer', 'c'.repeat(300_000), customer)
  const composite = await putParts(store, 'composite', { 'x-amz-checksum-algorithm': 'SHA256' })
  const full = await putParts(store, 'full', {
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-checksum-type': 'FULL_OBJECT',
  })
  const uploadId = await beginUpload(store, 'unfinished', {})
  await s3('PUT', `/plain/unfinished?partNumber=1&uploadId=${uploadId}`, 'a part')

  await s3('PUT', '/versions/v', 'null version')
  const lifecycle = `<LifecycleConfiguration><Rule><ID>a</ID><Filter/><Status>Enabled</Status><Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>`
  await putDocument(store, '/versions?lifecycle', lifecycle)
  await putDocument(
    store,
    '/versions?versioning',
    '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  )
  const first = await s3('PUT', '/versions/v', 'first')
  const second = await s3('PUT', '/versions/v', 'second')
  const marker = await s3('DELETE', '/versions/v')
  await s3('PUT', '/versions/w', 'w')
  await store.services.settle()

  const trailPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: ['s3:GetBucketAcl', 's3:PutObject'],
        Resource: ['arn:aws:s3:::trails', 'arn:aws:s3:::trails/*'],
      },
    ],
  }
  await s3('PUT', '/trails?policy', JSON.stringify(trailPolicy))
  await json('cloudtrail', 'CreateTrail', { Name: 'trail', S3BucketName: 'trails' })
  await json('cloudtrail', 'StartLogging', { Name: 'trail' })
  await json('kms', 'CreateKey')
  const versions = [first, second, marker].map((answer) => answer.headers.get('x-amz-version-id') ?? '')
  const content = await store.content()
  await store.close()
  return { content, keyId, multiRegionKeyId, grantId, uploadId, versions, composite, full }
}

async function putDocument({ s3 }: OpenedStore, target: string, document: string): Promise<void> {
  await s3('PUT', target, document, { 'content-md5': createHash('md5').update(document).digest('base64') })
}

async function beginUpload({ s3 }: OpenedStore, key: string, headers: Record<string, string>): Promise<string> {
  const text = await (await s3('POST', `/plain/${key}?uploads`, undefined, headers)).text()
  return /<UploadId>([^<]+)</.exec(text)?.[1] ?? ''
}

/** @returns the upload's id */
async function putParts(store: OpenedStore, key: string, headers: Record<string, string>): Promise<string> {
  const { s3 } = store
  const algorithm = headers['x-amz-checksum-algorithm'] ?? ''
  const uploadId = await beginUpload(store, key, headers)
  const listed: string[] = []
  for (const [index, body] of [part, 'the last part'].entries()) {
    const number = index + 1
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const sent = { [name]: await checksumOf(algorithm, body) }
    const answer = await s3('PUT', `/plain/${key}?partNumber=${number}&uploadId=${uploadId}`, body, sent)
    const checksum = `<Checksum${algorithm}>${answer.headers.get(name)}</Checksum${algorithm}>`
    listed.push(`<Part><PartNumber>${number}</PartNumber><ETag>${answer.headers.get('etag')}</ETag>${checksum}</Part>`)
  }
  const document = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
  await s3('POST', `/plain/${key}?uploadId=${uploadId}`, document)
  return uploadId
}

async function checksumOf(algorithm: string, body: string): Promise<string> {
  const { createChecksum } = await import('../../crypto/checksums.ts')
  const checksum = createChecksum(algorithm === 'SHA256' ? 'SHA256' : 'CRC32')
  checksum.update(Buffer.from(body))
  return checksum.digest().toString('base64')
}
