import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/** The AWS CLI, where it is on the PATH: what a person types, and what comes back. */

const aws = findProgram('aws')
if (!aws) console.warn('skipped: no AWS CLI on the PATH')
// Python takes most of a second to start, and there are many starts.
const describeCli = aws ? describe : describe.skip

const bucket = 'command-line'
const large = randomBytes(64 << 20)
const customerKey = randomBytes(32)
let journey: Journey
let folder: string
let keyArn: string

async function cli(...parameters: string[]) {
  return run(aws ?? '', parameters, { cwd: folder, env: awsEnvironment(journey, folder) })
}

/** Standard output of a command that succeeds, without its last line's end. */
async function output(...parameters: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(...parameters)
  if (code !== 0) throw new Error(`aws ${parameters.join(' ')} ended with ${code}: ${stderr}`)
  return stdout.trimEnd()
}

const answer = async (...parameters: string[]) => JSON.parse((await output(...parameters)) || '{}')

/** What a command that fails writes to standard error. */
async function complaint(...parameters: string[]): Promise<string> {
  const { code, stderr } = await cli(...parameters)
  expect(code).not.toBe(0)
  return stderr.trim()
}

const hashOf = async (name: string) =>
  createHash('sha256')
    .update(await readFile(join(folder, name)))
    .digest('hex')
const underKms = ['--sse', 'aws:kms', '--sse-kms-key-id', 'alias/cli']
const sseC = ['--sse-c', 'AES256', '--sse-c-key', 'fileb://customer.key']

describeCli('the AWS CLI', () => {
  beforeAll(async () => {
    journey = await startJourney()
    folder = await mkdtemp(join(tmpdir(), 's3kms-cli-'))
    await writeFile(join(folder, 'large'), large)
    await writeFile(join(folder, 'small'), 'small\n')
    await writeFile(join(folder, 'customer.key'), customerKey)
    keyArn = await output('kms', 'create-key', '--query', 'KeyMetadata.Arn', '--output', 'text')
    await output('kms', 'create-alias', '--alias-name', 'alias/cli', '--target-key-id', keyArn)
    expect(await output('s3', 'mb', `s3://${bucket}`)).toBe(`make_bucket: ${bucket}`)
  })

  afterAll(async () => {
    await journey?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  test('aws sts get-caller-identity tells who the default credentials are', async () => {
    const identity = await answer('sts', 'get-caller-identity')
    expect(identity).toMatchObject({ Account: accountId, Arn: `arn:aws:iam::${accountId}:user/test` })
  })

  test('64 MiB go up under SSE-KMS and come down the same, with exactly the KMS calls of each part', async () => {
    const up = await journey.kmsCallsDuring(() =>
      output('s3', 'cp', 'large', `s3://${bucket}/large`, ...underKms, '--no-progress'),
    )
    const encryptionContext = { 'aws:s3:arn': `arn:aws:s3:::${bucket}/large` }
    const call = (eventName: string) => ({
      eventName,
      requestParameters: { encryptionContext },
      resources: [{ ARN: keyArn }],
      userIdentity: { userName: 'test', invokedBy: 'fas.s3.amazonaws.com' },
    })
    // Create; eight parts of 8 MiB; Complete.
    expect(up).toMatchObject([call('GenerateDataKey'), ...Array.from({ length: 9 }, () => call('Decrypt'))])
    expect(up).toHaveLength(10)
    // HEAD asks KMS nothing; eight ranges.
    const down = await journey.kmsCallsDuring(() => output('s3', 'cp', `s3://${bucket}/large`, 'down', '--no-progress'))
    expect(down).toMatchObject(Array.from({ length: 8 }, () => call('Decrypt')))
    expect(down).toHaveLength(8)
    expect(await hashOf('down')).toBe(await hashOf('large'))
  })

  test('64 MiB under a customer’s key, there and back, and copied under a KMS key', async () => {
    await output('s3', 'cp', 'large', `s3://${bucket}/customer`, ...sseC, '--no-progress')
    await output('s3', 'cp', `s3://${bucket}/customer`, 'customer', ...sseC, '--no-progress')
    expect(await hashOf('customer')).toBe(await hashOf('large'))
    const source = ['--sse-c-copy-source', 'AES256', '--sse-c-copy-source-key', 'fileb://customer.key']
    const copy = ['s3', 'cp', `s3://${bucket}/customer`, `s3://${bucket}/copy`, ...source, ...underKms, '--no-progress']
    // Create; eight parts, each copied; Complete. The source's key is the customer's.
    expect(await journey.kmsCallsDuring(() => output(...copy))).toHaveLength(10)
    await output('s3', 'cp', `s3://${bucket}/copy`, 'copy', '--no-progress')
    expect(await hashOf('copy')).toBe(await hashOf('large'))
    const bare = await complaint('s3api', 'get-object', '--bucket', bucket, '--key', 'customer', 'never')
    expect(bare).toContain(
      'An error occurred (InvalidRequest) when calling the GetObject operation: The object was stored',
    )
  })

  test('aws s3 ls, sync, mv, rm and rb', async () => {
    await mkdir(join(folder, 'site/sub'), { recursive: true })
    await writeFile(join(folder, 'site/a.txt'), 'a')
    await writeFile(join(folder, 'site/sub/å b.txt'), 'b')
    expect(await output('s3', 'mb', 's3://cli-site')).toBe('make_bucket: cli-site')
    // What is older than its object is not sent again.
    const earlier = new Date(journey.ambient.now() - 60_000)
    for (const name of ['a.txt', 'sub/å b.txt']) await utimes(join(folder, 'site', name), earlier, earlier)
    const sync = ['s3', 'sync', 'site', 's3://cli-site/site', ...underKms, '--no-progress']
    expect((await output(...sync)).split('\n').sort()).toEqual([
      'upload: site/a.txt to s3://cli-site/site/a.txt',
      'upload: site/sub/å b.txt to s3://cli-site/site/sub/å b.txt',
    ])
    expect(await output(...sync)).toBe('')
    expect(await output('s3', 'ls', 's3://cli-site/site/')).toMatch(/^ +PRE sub\/\n[\d-]+ [\d:]+ +1 a\.txt$/)
    expect(await output('s3', 'ls', 's3://cli-site', '--recursive', '--summarize')).toMatch(
      /Total Objects: 2\n +Total Size: 2$/,
    )
    await output('s3', 'sync', 's3://cli-site/site', 'back', '--no-progress')
    expect(await readFile(join(folder, 'back/sub/å b.txt'), 'utf8')).toBe('b')
    const moved = await output('s3', 'mv', 's3://cli-site/site/a.txt', 's3://cli-site/b.txt', '--no-progress')
    expect(moved).toBe('move: s3://cli-site/site/a.txt to s3://cli-site/b.txt')
    expect(await complaint('s3', 'rb', 's3://cli-site')).toContain('(BucketNotEmpty)')
    expect(await output('s3', 'rm', 's3://cli-site/site', '--recursive')).toBe('delete: s3://cli-site/site/sub/å b.txt')
    expect(await output('s3', 'rb', 's3://cli-site', '--force')).toContain('remove_bucket: cli-site')
    expect(await output('s3', 'ls')).toMatch(new RegExp(`^[\\d-]+ [\\d:]+ ${bucket}$`))
    expect(await complaint('s3', 'ls', 's3://cli-site')).toContain('(NoSuchBucket)')
  })

  test('aws s3 presign makes a URL that works, by default with SigV2', async () => {
    await output('s3', 'cp', 'small', `s3://${bucket}/small`, '--no-progress')
    const url = await output('s3', 'presign', `s3://${bucket}/small`)
    expect(await (await fetch(url)).text()).toBe('small\n')
  })

  test('aws s3api under every scheme', async () => {
    const object = ['--bucket', bucket, '--key', 'api']
    const kms = ['--server-side-encryption', 'aws:kms', '--ssekms-key-id', 'alias/cli']
    const put = await answer('s3api', 'put-object', ...object, '--body', 'small', ...kms)
    expect(put).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
    expect(await answer('s3api', 'get-object', ...object, 'read')).toMatchObject({
      SSEKMSKeyId: keyArn,
      ContentLength: 6,
    })
    expect(await hashOf('read')).toBe(await hashOf('small'))
    const update = JSON.stringify({ SSEKMS: { KMSKeyArn: keyArn, BucketKeyEnabled: true } })
    await output('s3api', 'update-object-encryption', ...object, '--object-encryption', update)
    expect(await answer('s3api', 'head-object', ...object)).toMatchObject({ BucketKeyEnabled: true })
    const customer = ['--sse-customer-algorithm', 'AES256', '--sse-customer-key', 'fileb://customer.key']
    expect(await answer('s3api', 'put-object', ...object, '--body', 'small', ...customer)).toMatchObject({
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKeyMD5: createHash('md5').update(customerKey).digest('base64'),
    })
    await output('s3api', 'get-object', ...object, ...customer, 'read-c')
    expect(await hashOf('read-c')).toBe(await hashOf('small'))
  })

  test('aws s3api put-bucket-encryption and its default', async () => {
    const rule = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn }
    const configuration = { Rules: [{ ApplyServerSideEncryptionByDefault: rule, BucketKeyEnabled: true }] }
    const flags = ['--bucket', bucket, '--server-side-encryption-configuration', JSON.stringify(configuration)]
    await output('s3api', 'put-bucket-encryption', ...flags)
    const { ServerSideEncryptionConfiguration } = await answer('s3api', 'get-bucket-encryption', '--bucket', bucket)
    expect(ServerSideEncryptionConfiguration).toMatchObject(configuration)
    const put = ['s3api', 'put-object', '--bucket', bucket, '--key', 'default', '--body', 'small']
    expect(await answer(...put)).toMatchObject({ SSEKMSKeyId: keyArn, BucketKeyEnabled: true })
    await output('s3api', 'delete-bucket-encryption', '--bucket', bucket)
    expect(await answer(...put)).not.toHaveProperty('SSEKMSKeyId')
  })

  test('aws kms: encrypt, decrypt, and a key switched off under an object', async () => {
    const encrypt = ['kms', 'encrypt', '--key-id', 'alias/cli', '--plaintext', 'fileb://small']
    const context = ['--encryption-context', 'tenant=a']
    const { CiphertextBlob } = await answer(...encrypt, ...context)
    await writeFile(join(folder, 'sealed'), Buffer.from(CiphertextBlob, 'base64'))
    const decrypt = ['kms', 'decrypt', '--ciphertext-blob', 'fileb://sealed']
    const { Plaintext, KeyId } = await answer(...decrypt, ...context)
    expect([Buffer.from(Plaintext, 'base64').toString(), KeyId]).toEqual(['small\n', keyArn])
    expect(await complaint(...decrypt)).toContain('(InvalidCiphertextException)')
    expect(await output('kms', 'list-aliases', '--query', 'Aliases[].AliasName', '--output', 'text')).toContain(
      'alias/cli',
    )
    await output('s3', 'cp', 'small', `s3://${bucket}/switched`, ...underKms, '--no-progress')
    await output('kms', 'disable-key', '--key-id', keyArn)
    const refused = await complaint('s3api', 'get-object', '--bucket', bucket, '--key', 'switched', 'never')
    expect(refused).toContain(
      `An error occurred (KMS.DisabledException) when calling the GetObject operation: ${keyArn} is disabled.`,
    )
    await output('kms', 'enable-key', '--key-id', keyArn)
    expect(await output('s3', 'cp', `s3://${bucket}/switched`, '-')).toBe('small')
  })

  test('aws s3api: tags of a bucket, put, at creation, and taken away', async () => {
    const of = (name: string) => ['s3api', name, '--bucket', bucket]
    expect(await complaint(...of('get-bucket-tagging'))).toContain('(NoSuchTagSet)')
    await output(...of('put-bucket-tagging'), '--tagging', 'TagSet=[{Key=team,Value=blue},{Key=cost,Value=a b+c}]')
    const TagSet = [
      { Key: 'team', Value: 'blue' },
      { Key: 'cost', Value: 'a b+c' },
    ]
    expect(await answer(...of('get-bucket-tagging'))).toEqual({ TagSet })
    const reserved = await complaint(...of('put-bucket-tagging'), '--tagging', 'TagSet=[{Key=aws:x,Value=y}]')
    expect(reserved).toContain('(InvalidTag) when calling the PutBucketTagging operation: System tags cannot be')
    await output(...of('delete-bucket-tagging'))
    expect(await complaint(...of('get-bucket-tagging'))).toContain('(NoSuchTagSet)')
    const configuration = 'LocationConstraint=eu-central-1,Tags=[{Key=team,Value=blue}]'
    const elsewhere = ['--bucket', 'elsewhere-by-cli']
    await output('s3api', 'create-bucket', ...elsewhere, '--create-bucket-configuration', configuration)
    const location = await output('s3api', 'get-bucket-location', ...elsewhere, '--output', 'text')
    expect(location).toBe('eu-central-1')
    expect(await answer('s3api', 'get-bucket-tagging', ...elsewhere, '--region', 'eu-central-1')).toEqual({
      TagSet: TagSet.slice(0, 1),
    })
  })

  test('aws cloudtrail lookup-events shows what KMS was asked', async () => {
    const byName = ['--lookup-attributes', 'AttributeKey=EventName,AttributeValue=DisableKey']
    const { Events } = await answer('cloudtrail', 'lookup-events', ...byName)
    expect(Events).toMatchObject([
      {
        EventName: 'DisableKey',
        EventSource: 'kms.amazonaws.com',
        ReadOnly: 'false',
        Username: 'test',
        AccessKeyId: 'test',
        Resources: [{ ResourceType: 'AWS::KMS::Key', ResourceName: keyArn }],
      },
    ])
    const record = JSON.parse(Events[0].CloudTrailEvent)
    expect(record.userAgent).toMatch(/^aws-cli\//)
    expect(record).toMatchObject({ eventName: 'DisableKey', requestParameters: { keyId: keyArn }, readOnly: false })
  })
})
