import { storedKey } from '../../kms/keys/key-store.ts'
import { objectAclInForce } from '../../s3/access/acl-in-force.ts'
import { isPublicBucket } from '../../s3/access/public-bucket.ts'
import { isPublic } from '../../s3/records/acl.ts'
import { type BucketRecord, bucketRecords } from '../../s3/records/buckets.ts'
import { ConfigurationStore } from '../../s3/records/configurations.ts'
import { isMarker, type ObjectVersion, objectRecords, objectVersions } from '../../s3/records/object-record.ts'
import type { Database } from '../../store/database.ts'
import type { Audit } from './audit.ts'
import type { Findings } from './findings.ts'

/** Every version of every bucket. @returns how much lies under each scheme and key */
export async function auditObjects(database: Database, findings: Findings): Promise<Audit['objects']> {
  const heaps = new Map<string, Audit['objects'][number]>()
  const configurations = new ConfigurationStore(database)
  for await (const { value: bucket } of database.entries(bucketRecords)) {
    if (isPublicBucket({ configurations }, bucket)) findings.add('public', `s3://${bucket.name}`)
    const look = (key: string, version: ObjectVersion, isCurrent: boolean) => {
      if (isMarker(version)) return
      const uri = `s3://${bucket.name}/${key}${isCurrent ? '' : `?versionId=${version.versionId}`}`
      count(heaps, version)
      judge(database, findings, uri, version)
      if (hasPublicAcl({ configurations }, bucket, version)) findings.add('public', uri, 'by its ACL')
    }
    const within = [bucket.name]
    for await (const { key, value } of database.entries(objectRecords, { within })) look(key[1], value, true)
    for await (const { key, value } of database.entries(objectVersions, { within })) look(key[1], value, false)
  }
  return [...heaps.values()].sort((a, b) => b.versions - a.versions)
}

type Sealed = Exclude<ObjectVersion, { isDeleteMarker: true }>

function count(heaps: Map<string, Audit['objects'][number]>, { envelope: { scheme, keyArn }, size }: Sealed): void {
  const name = `${scheme} ${keyArn ?? ''}`
  const heap = heaps.get(name) ?? { scheme, keyArn, versions: 0, bytes: 0 }
  heap.versions++
  heap.bytes += size
  heaps.set(name, heap)
}

function judge(database: Database, findings: Findings, uri: string, { envelope: { scheme, keyArn } }: Sealed): void {
  if (scheme === 'none') findings.add('unencrypted', uri)
  if (keyArn !== undefined && isManaged(database, keyArn)) findings.add('managed-key', uri)
}

function isManaged(database: Database, keyArn: string): boolean {
  const [, , , region = '', , resource = ''] = keyArn.split(':')
  return storedKey(database, region, resource.replace(/^key\//, ''))?.keyManager === 'AWS'
}

/** Most objects have no ACL of their own. */
function hasPublicAcl(
  services: { configurations: ConfigurationStore },
  bucket: BucketRecord,
  version: Sealed,
): boolean {
  return version.acl !== undefined && objectAclInForce(services, bucket, version).grants.some(isPublic)
}
