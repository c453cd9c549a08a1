import { storedKey } from '../../kms/keys/key-store.ts'
import { objectAclInForce } from '../../s3/access/acl-in-force.ts'
import { isPublicBucket } from '../../s3/access/public-bucket.ts'
import { isPublic } from '../../s3/records/acl.ts'
import { type BucketRecord, bucketRecords } from '../../s3/records/buckets.ts'
import { ConfigurationStore } from '../../s3/records/configurations.ts'
import { isMarker, type ObjectRecord, objectRecords, objectVersions } from '../../s3/records/object-record.ts'
import { uploadParts, uploadRecords } from '../../s3/records/uploads.ts'
import type { EnvelopeRecord } from '../../s3/sse/envelope.ts'
import type { Database } from '../../store/database.ts'
import type { Findings } from './findings.ts'

/** What lies under one scheme and key. */
export interface SealedHeap {
  /** `none`: in clear */
  scheme: string
  keyArn?: string
  /** All versions of objects, not the current ones alone; a delete marker has no content. */
  versions: number
  /** Multipart uploads in progress. */
  uploads: number
  /** Of plaintext, parts of uploads among them. */
  bytes: number
}

/**
 * Every version of every object, and every multipart upload in progress.
 * @returns how much lies under each scheme and key, what has the most versions first
 */
export async function auditObjects(database: Database, findings: Findings): Promise<SealedHeap[]> {
  const heaps = new Heaps(database, findings)
  const configurations = new ConfigurationStore(database)
  for await (const { value: bucket } of database.entries(bucketRecords)) {
    if (isPublicBucket({ configurations }, bucket)) findings.add('public', `s3://${bucket.name}`)
    const look = (uri: string, version: ObjectRecord) => {
      const heap = heaps.find(uri, version.envelope)
      heap.versions++
      heap.bytes += version.size
      if (hasPublicAcl({ configurations }, bucket, version)) findings.add('public', uri, 'by its ACL')
    }
    const within = [bucket.name]
    for await (const { key, value } of database.entries(objectRecords, { within })) look(uriOf(key), value)
    for await (const { key, value } of database.entries(objectVersions, { within })) {
      if (!isMarker(value)) look(`${uriOf(key)}?versionId=${value.versionId}`, value)
    }
    for await (const { key, value } of database.entries(uploadRecords, { within })) {
      const heap = heaps.find(`${uriOf(key)}?uploadId=${key[2]}`, value.envelope)
      heap.uploads++
      for await (const part of database.entries(uploadParts, { within: [key[2]] })) heap.bytes += part.value.size
    }
  }
  return heaps.list()
}

function uriOf([bucket, key]: readonly [string, string, ...unknown[]]): string {
  return `s3://${bucket}/${key}`
}

type Heap = SealedHeap & {
  /** Whether the key is an AWS managed one. */
  isManaged: boolean
}

class Heaps {
  readonly #database: Database
  readonly #findings: Findings
  readonly #heaps = new Map<string, Heap>()

  constructor(database: Database, findings: Findings) {
    this.#database = database
    this.#findings = findings
  }

  /** Where something of that envelope is counted; what is wrong with that is found. */
  find(uri: string, { scheme, keyArn }: EnvelopeRecord): Heap {
    const name = `${scheme} ${keyArn ?? ''}`
    const heap = this.#heaps.get(name) ?? this.#make(name, scheme, keyArn)
    if (scheme === 'none') this.#findings.add('unencrypted', uri)
    if (heap.isManaged) this.#findings.add('managed-key', uri)
    return heap
  }

  list(): SealedHeap[] {
    const heaps = [...this.#heaps.values()].map(({ isManaged: _, ...heap }) => heap)
    return heaps.sort((a, b) => b.versions - a.versions)
  }

  #make(name: string, scheme: string, keyArn: string | undefined): Heap {
    const isManaged = keyArn !== undefined && isManagedKey(this.#database, keyArn)
    const heap = { scheme, keyArn, versions: 0, uploads: 0, bytes: 0, isManaged }
    this.#heaps.set(name, heap)
    return heap
  }
}

function isManagedKey(database: Database, keyArn: string): boolean {
  const [, , , region = '', , resource = ''] = keyArn.split(':')
  return storedKey(database, region, resource.replace(/^key\//, ''))?.keyManager === 'AWS'
}

/** Most objects have no ACL of their own. */
function hasPublicAcl(
  services: { configurations: ConfigurationStore },
  bucket: BucketRecord,
  version: ObjectRecord,
): boolean {
  return version.acl !== undefined && objectAclInForce(services, bucket, version).grants.some(isPublic)
}
