import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, failureOf } from '../emulator.ts'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** What a person sets on buckets and objects by the AWS CLI, and what comes of it. */

let place: Workplace

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current' })
  await writeFile(join(place.folder, 'first'), 'first')
  await writeFile(join(place.folder, 'second'), 'second')
})
afterAll(() => place.stop())

describeWhere('aws', (aws) => {
  const output = (...parameters: string[]) => place.output(aws, parameters)
  const api = async (operation: string, ...parameters: string[]) =>
    JSON.parse((await output('s3api', operation, ...parameters)) || '{}')
  const complaint = (operation: string, ...parameters: string[]) =>
    place.complaint(aws, ['s3api', operation, ...parameters])
  const object = (bucket: string, key: string) => ['--bucket', bucket, '--key', key]

  test('a version is put, hidden, found, restored and erased', async () => {
    const bucket = ['--bucket', 'versions']
    const k = object('versions', 'k')
    await output('s3', 'mb', 's3://versions')
    await api('put-bucket-versioning', ...bucket, '--versioning-configuration', 'Status=Enabled')
    expect(await api('get-bucket-versioning', ...bucket)).toEqual({ Status: 'Enabled' })
    const { VersionId: old } = await api('put-object', ...k, '--body', 'first', '--tagging', 'state=old&of=k')
    await api('put-object', ...k, '--body', 'second')
    const ofOld = [...k, '--version-id', old]
    const tagged = await api('get-object-tagging', ...ofOld)
    expect(tagged).toMatchObject({ VersionId: old, TagSet: expect.arrayContaining([{ Key: 'of', Value: 'k' }]) })
    await api('put-object-tagging', ...ofOld, '--tagging', 'TagSet=[{Key=state,Value=older}]')
    expect(await api('delete-object', ...k)).toMatchObject({ DeleteMarker: true })
    expect(await api('get-object', ...ofOld, 'got')).toMatchObject({ TagCount: 1 })
    expect(await readFile(join(place.folder, 'got'), 'utf8')).toBe('first')
    const copy = await api('copy-object', ...k, '--copy-source', `versions/k?versionId=${old}`)
    expect(copy).toMatchObject({ CopySourceVersionId: old })
    const all = '{Objects: [Versions,DeleteMarkers][].{Key:Key,VersionId:VersionId}}'
    const listed = await api('list-object-versions', ...bucket, '--query', all)
    expect(listed.Objects).toHaveLength(4)
    const { Deleted } = await api('delete-objects', ...bucket, '--delete', JSON.stringify(listed))
    expect(Deleted).toHaveLength(4)
    expect(await output('s3', 'rb', 's3://versions')).toBe('remove_bucket: versions')
  })

  test('a lock keeps a version, until it is bypassed or the day has come', async () => {
    const bucket = ['--bucket', 'locked']
    await api('create-bucket', ...bucket, '--object-lock-enabled-for-bucket')
    const DefaultRetention = { Mode: 'GOVERNANCE', Days: 1 }
    const configuration = JSON.stringify({ ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } })
    await api('put-object-lock-configuration', ...bucket, '--object-lock-configuration', configuration)
    const { VersionId } = await api('put-object', ...object('locked', 'k'), '--body', 'first')
    const version = [...object('locked', 'k'), '--version-id', VersionId]
    expect((await api('get-object-retention', ...version)).Retention).toMatchObject({ Mode: 'GOVERNANCE' })
    expect(await complaint('delete-object', ...version)).toContain(
      '(AccessDenied) when calling the DeleteObject operation: Access Denied because object protected by object lock.',
    )
    await api('put-object-legal-hold', ...version, '--legal-hold', 'Status=ON')
    expect(await complaint('delete-object', ...version, '--bypass-governance-retention')).toContain('(AccessDenied)')
    await api('put-object-legal-hold', ...version, '--legal-hold', 'Status=OFF')
    await api('delete-object', ...version, '--bypass-governance-retention')
    await output('s3', 'rb', 's3://locked')
  })

  test('tags by S3 Control are the bucket’s', async () => {
    await output('s3', 'mb', 's3://tagged')
    const of = ['--account-id', accountId, '--resource-arn', 'arn:aws:s3:::tagged']
    // The account stands before the endpoint's name, which leads here because the emulator is asked for it as a proxy.
    const { port, endpoint } = place.journey
    const control = (operation: string, ...parameters: string[]) =>
      place.output(aws, ['s3control', operation, '--endpoint-url', `http://localhost:${port}`, ...of, ...parameters], {
        HTTP_PROXY: endpoint,
      })
    await control('tag-resource', '--tags', 'Key=team,Value=blue')
    const { TagSet } = await api('get-bucket-tagging', '--bucket', 'tagged')
    expect(TagSet).toEqual([{ Key: 'team', Value: 'blue' }])
    expect(JSON.parse(await control('list-tags-for-resource'))).toEqual({ Tags: TagSet })
  })

  test('a website’s folder is synced with classes, headers and metadata, and what is gone is deleted', async () => {
    await output('s3', 'mb', 's3://synced')
    await output('s3', 'sync', '.', 's3://synced/all', '--exclude', '*', '--include', 'first', '--include', 'second')
    const like = ['--storage-class', 'STANDARD_IA', '--cache-control', 'max-age=60', '--metadata', 'of=cli']
    await output('s3', 'cp', 'first', 's3://synced/all/third', ...like)
    const { StorageClass, CacheControl, Metadata } = await api('head-object', ...object('synced', 'all/third'))
    expect({ StorageClass, CacheControl, Metadata }).toEqual({
      StorageClass: 'STANDARD_IA',
      CacheControl: 'max-age=60',
      Metadata: { of: 'cli' },
    })
    await output('s3', 'mv', 's3://synced/all', 's3://synced/moved', '--recursive')
    const deleted = await output('s3', 'sync', '.', 's3://synced/moved', '--exclude', '[!fst]*', '--delete')
    expect(deleted.split('\n')).toContain('delete: s3://synced/moved/third')
    const page = await api('list-objects-v2', '--bucket', 'synced', '--max-items', '1')
    const rest = await api('list-objects-v2', '--bucket', 'synced', '--starting-token', page.NextToken)
    const keys = [page, rest].flatMap(({ Contents }) => Contents.map(({ Key }: { Key: string }) => Key))
    expect(keys).toEqual(expect.arrayContaining(['moved/first', 'moved/second']))
  })

  test('a bucket replicates into another in the name of a role', async () => {
    for (const name of ['source', 'target']) {
      await output('s3', 'mb', `s3://${name}`)
      await api('put-bucket-versioning', '--bucket', name, '--versioning-configuration', 'Status=Enabled')
    }
    const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const trust = policy({ Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sts:AssumeRole' })
    const make = ['create-role', '--role-name', 'replicator', '--assume-role-policy-document', trust]
    const { Arn: Role } = JSON.parse(await output('iam', ...make)).Role
    const may = ['--policy-document', policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' })]
    await output('iam', 'put-role-policy', '--role-name', 'replicator', '--policy-name', 'replicate', ...may)
    const rule = {
      ID: 'all',
      Priority: 1,
      Filter: {},
      Status: 'Enabled',
      Destination: { Bucket: 'arn:aws:s3:::target' },
    }
    const Rules = [{ ...rule, DeleteMarkerReplication: { Status: 'Disabled' } }]
    const configuration = ['--replication-configuration', JSON.stringify({ Role, Rules })]
    await api('put-bucket-replication', '--bucket', 'source', ...configuration)
    await output('s3', 'cp', 'first', 's3://source/k', '--no-progress')
    await place.journey.settle()
    const [original, replica] = [object('source', 'k'), object('target', 'k')]
    const { VersionId, ReplicationStatus } = await api('head-object', ...original)
    expect(ReplicationStatus).toBe('COMPLETED')
    expect(await api('head-object', ...replica)).toMatchObject({ VersionId, ReplicationStatus: 'REPLICA' })
  })

  test('a lifecycle, what is told of it, and the day that it comes to', async () => {
    const bucket = ['--bucket', 'expiring']
    await output('s3', 'mb', 's3://expiring')
    const rule = { ID: 'old', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } }
    const configuration = ['--lifecycle-configuration', JSON.stringify({ Rules: [rule] })]
    await api('put-bucket-lifecycle-configuration', ...bucket, ...configuration)
    expect((await api('get-bucket-lifecycle-configuration', ...bucket)).Rules).toEqual([rule])
    const put = await api('put-object', ...object('expiring', 'tmp/k'), '--body', 'first')
    expect(put.Expiration).toMatch(/^expiry-date=".* 00:00:00 GMT", rule-id="old"$/)
    // Programs here sign by the machine's clock: this is the last one that the emulator's is turned for.
    place.journey.turn(3 * 86_400_000)
    await place.journey.settle()
    const gone = new HeadObjectCommand({ Bucket: 'expiring', Key: 'tmp/k' })
    expect((await failureOf(place.journey.s3.send(gone))).status).toBe(404)
  })
})
