import { createHash } from 'node:crypto'
import { bytesOf } from '../chance.mjs'
import { Client } from '../client.mjs'
import { kmsHeaders } from '../load.mjs'
import { startProgram } from '../program.mjs'

/*
 *   writers of two buckets that replicate to each other     kill -9, start,     both have the same versions, those acknowledged among them,
 *   ──ack──▶ a version in both     ──sent─▶ in both, or none       settle        the newest first, each COMPLETED or a REPLICA, never both
 *
 * Half of them under a KMS key; replicas have another.
 */

const buckets = ['replicating-one', 'replicating-two']
const role = 'arn:aws:iam::000000000000:role/torture'
const writers = 3
const keysOfWriter = 3

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(15, 200)
  /** Ids of acknowledged versions and delete markers. */
  const acknowledged = new Set()
  let program = await startProgram({ folder })
  let client = new Client(program)
  const keys = await configure(client)
  let versions = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    await writeUntilKilled(program, client, keys, acknowledged, chance.fork(`cycle-${cycle}`))
    client.close()
    program = await startProgram({ folder })
    client = new Client(program)
    await client.control('POST', 'settle')
    const listed = await Promise.all(buckets.map((bucket) => versionsOf(client, bucket)))
    for (const words of faultsOf(listed, acknowledged)) fault(`cycle ${cycle}: ${words}`)
    for (const words of await statusFaults(client, listed, chance)) fault(`cycle ${cycle}: ${words}`)
    versions = listed[0].length
  }
  const code = await program.stop()
  if (code !== 0) fault(`SIGTERM at the end: exit code ${code}\n${program.output}`)
  figure('kill -9 under writes that are replicated both ways', `${cycles} times`)
  figure('versions and delete markers, in both buckets', versions)
}

async function configure(client) {
  const make = async () => (await client.kms('CreateKey', {})).output.KeyMetadata.Arn
  const [own, replica] = [await make(), await make()]
  for (const bucket of buckets) {
    await client.ok('PUT', `/${bucket}`)
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    await client.ok('PUT', `/${bucket}`, { query: [['versioning', '']], body })
  }
  for (const [index, bucket] of buckets.entries()) {
    const body = [
      `<ReplicationConfiguration><Role>${role}</Role><Rule><ID>all</ID><Priority>0</Priority><Filter/><Status>Enabled</Status>`,
      '<SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>',
      `<Destination><Bucket>arn:aws:s3:::${buckets[1 - index]}</Bucket><EncryptionConfiguration><ReplicaKmsKeyID>${replica}</ReplicaKmsKeyID></EncryptionConfiguration></Destination>`,
      '<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication></Rule></ReplicationConfiguration>',
    ].join('')
    const headers = { 'content-md5': md5Of(body) }
    await client.ok('PUT', `/${bucket}`, { query: [['replication', '']], headers, body })
  }
  return { own }
}

async function writeUntilKilled(program, client, { own }, acknowledged, chance) {
  const last = chance.between(1, 120)
  let changes = 0
  let killed
  const write = async (bucket, writer) => {
    const ownChance = chance.fork(`${bucket}/${writer}`)
    for (let body = 0; ; body++) {
      const path = `/${bucket}/key-${ownChance.int(keysOfWriter)}`
      const bytes = bytesOf(
        `${path}/${writer}/${body}`,
        ownChance.oneIn(8) ? ownChance.int(600_000) : ownChance.int(3000),
      )
      const headers = ownChance.oneIn(2) ? kmsHeaders(own) : {}
      const { headers: answered } = ownChance.oneIn(4)
        ? await client.ok('DELETE', path)
        : await client.ok('PUT', path, { headers, body: bytes })
      acknowledged.add(answered['x-amz-version-id'])
      if (++changes >= last) killed ??= program.kill()
    }
  }
  const all = buckets.flatMap((bucket) => Array.from({ length: writers }, (_, writer) => write(bucket, writer)))
  await Promise.all(all.map((writing) => writing.catch(() => undefined)))
  await killed
}

/** All versions of a bucket, as it lists them. */
async function versionsOf(client, bucket) {
  const found = []
  let query = [['versions', '']]
  for (;;) {
    const { body } = await client.ok('GET', `/${bucket}`, { query })
    const text = body.toString()
    for (const [, kind, entry] of text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/g)) {
      const textOf = (name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(entry)?.[1]
      const [key, id, modified] = ['Key', 'VersionId', 'LastModified'].map(textOf)
      found.push({ bucket, kind, key, id, modified, content: `${textOf('ETag')} ${textOf('Size')}` })
    }
    const next = (name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1]
    const [keyMarker, versionMarker] = [next('NextKeyMarker'), next('NextVersionIdMarker')]
    if (keyMarker === undefined) return found
    query = [
      ['versions', ''],
      ['key-marker', keyMarker],
      ['version-id-marker', versionMarker],
    ]
  }
}

function faultsOf([one, two], acknowledged) {
  const faults = []
  const others = new Map(two.map((version) => [version.id, version]))
  for (const { id, key, kind, modified, content } of one) {
    const other = others.get(id)
    if (!other) faults.push(`${key} ${id} is in ${buckets[0]} alone`)
    else if (other.kind !== kind || other.modified !== modified || other.content !== content) {
      faults.push(`${key} ${id} is not the same in both`)
    }
    others.delete(id)
  }
  for (const { key, id } of others.values()) faults.push(`${key} ${id} is in ${buckets[1]} alone`)
  const known = new Set(one.map(({ id }) => id))
  for (const id of acknowledged) if (!known.has(id)) faults.push(`the acknowledged version ${id} is gone`)
  for (const versions of [one, two]) {
    for (const [index, { key, modified, id, bucket }] of versions.entries()) {
      const next = versions[index + 1]
      if (next?.key === key && next.modified > modified)
        faults.push(`${bucket}: ${key} ${id} stands before a newer one`)
    }
  }
  return faults
}

/** Some versions read whole, from both. */
async function statusFaults(client, [one], chance) {
  const faults = []
  const objects = one.filter(({ kind }) => kind === 'Version')
  for (let probe = 0; probe < Math.min(20, objects.length); probe++) {
    const { key, id } = chance.pick(objects)
    const query = [['versionId', id]]
    const answers = await Promise.all(buckets.map((bucket) => client.s3('GET', `/${bucket}/${key}`, { query })))
    const statuses = answers.map(({ headers }) => headers['x-amz-replication-status']).sort()
    if (statuses.join() !== 'COMPLETED,REPLICA') faults.push(`${key} ${id} has the statuses ${statuses.join()}`)
    const [first, second] = answers.map(({ status, body }) => `${status} ${body.toString('latin1')}`)
    if (first !== second || !first.startsWith('200')) faults.push(`${key} ${id} has other bytes in one bucket`)
  }
  return faults
}

function md5Of(text) {
  return createHash('md5').update(text).digest('base64')
}

export const replication = {
  name: 'replication',
  what: 'kill -9 under replication both ways: the same versions in both buckets',
  minutes: 6,
  run,
}
