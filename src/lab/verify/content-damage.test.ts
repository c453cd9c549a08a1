import { beforeAll, expect, test } from '@jest/globals'
import { type ObjectRecord, objectParts, objectRecords, type StoredChecksum } from '../../s3/records/object-record.ts'
import { uploadParts, uploadRecords } from '../../s3/records/uploads.ts'
import { blobRecords, garbageRecords, type Run } from '../../store/blob-records.ts'
import { smallBodies } from '../../store/small-bodies.ts'
import { type DamageRow, type SoundStore, soundStore, toldOf } from './sound-store.fixture.ts'
import type { Damage } from './verify.fixture.ts'

/* A store that is damaged in one way, and what is told of it: that, and nothing else. */

let sound: SoundStore

beforeAll(async () => {
  sound = await soundStore()
})
function blobOf({ body }: ObjectRecord): number {
  if (!('blob' in body)) throw new Error('It has parts')
  return body.blob
}

function blobAt(damage: Damage, key: string): number {
  return blobOf(damage.get(objectRecords, ['plain', key]))
}

function flipSegment(damage: Damage, blob: number) {
  const bytes = damage.segment(blob)
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
  return damage.putSegment(blob, bytes)
}

const other = Buffer.alloc(32, 1).toString('base64')

function kept(algorithm: StoredChecksum['algorithm'], type: StoredChecksum['type'], value: string): StoredChecksum {
  return { algorithm, type, value }
}

const rows: DamageRow[] = [
  {
    name: 'a flipped bit of a sealed body',
    damage: (damage) => flipSegment(damage, blobAt(damage, 'sealed')),
    told: [/^segment s3:\/\/plain\/sealed\?versionId=null: .*authenticate/],
  },
  {
    name: 'a flipped bit of a small body',
    damage(damage) {
      const id = blobAt(damage, 'small')
      const flipped = Buffer.from(damage.get(smallBodies, [id]), 'base64')
      flipped.writeUInt8(flipped.readUInt8(0) ^ 1, 0)
      return damage.put(smallBodies, [id], flipped.toString('base64'))
    },
    told: [/^segment s3:\/\/plain\/small\?/],
  },
  {
    name: 'a segment that is missing',
    damage: (damage) => damage.dropSegment(blobAt(damage, 'large') + 1),
    told: [/^segment s3:\/\/plain\/large\?.*is missing/],
  },
  {
    name: 'a body that is missing',
    damage: (damage) => damage.drop(blobRecords, [blobAt(damage, 'large')]),
    told: [/^body s3:\/\/plain\/large\?.* is missing/],
  },
  {
    name: 'a body that is named twice',
    damage(damage) {
      const { body } = damage.get(objectRecords, ['plain', 'second'])
      return damage.amend(objectRecords, ['plain', 'large'], (record) => ({ ...record, body }))
    },
    told: [/^manifest s3:\/\/plain\/large\?/, /^body s3:\/\/plain\/second\?.* is named by s3:\/\/plain\/large\?.* too/],
  },
  {
    name: 'a body that is dropped while it is named',
    damage(damage) {
      const id = blobAt(damage, 'large')
      return damage.put(garbageRecords, [id], damage.get(blobRecords, [id]))
    },
    told: [/^body s3:\/\/plain\/large\?.* is dropped/],
  },
  {
    name: 'segments that two bodies have',
    async damage(damage) {
      const [first, second] = [blobAt(damage, 'large'), blobAt(damage, 'second')].sort((a, b) => a - b)
      if (first === undefined || second === undefined) throw new Error('There are two')
      const longer: Run = [first, second - first + 1]
      await damage.amend(blobRecords, [first], () => [longer])
    },
    told: [/^body .*: segment \d+ is that of .* too/],
  },
  {
    name: 'the list of bodies of another object',
    damage: (damage) => damage.amend(objectRecords, ['plain', 'sealed'], (record) => ({ ...record, manifest: other })),
    told: [/^manifest s3:\/\/plain\/sealed\?/],
  },
  {
    name: 'an object key that does not open',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'sealed'], ({ envelope, ...record }) => ({
        ...record,
        envelope: { ...envelope, bucketKeyEnabled: true },
      })),
    told: [/^record s3:\/\/plain\/sealed\?.*: its key does not open/],
  },
  {
    name: 'an ETag of other content',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'small'], (record) => ({ ...record, etag: '0'.repeat(32) })),
    told: [/^checksum s3:\/\/plain\/small\?.*: the MD5 of its content is not its ETag/],
  },
  {
    name: 'a checksum of other content',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'small'], (record) => ({
        ...record,
        checksum: kept('SHA256', 'FULL_OBJECT', other),
      })),
    told: [/^checksum s3:\/\/plain\/small\?.*: the SHA256 of its content/],
  },
  {
    name: 'a composite checksum of other parts',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'composite'], (record) => ({
        ...record,
        checksum: kept('SHA256', 'COMPOSITE', `${other}-2`),
      })),
    told: [/^checksum s3:\/\/plain\/composite\?.*: the SHA256/],
  },
  {
    name: 'a composite checksum that says it is one of the whole',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'composite'], ({ checksum, ...record }) => ({
        ...record,
        checksum: checksum && kept('SHA256', 'FULL_OBJECT', checksum.value),
      })),
    told: [/^checksum s3:\/\/plain\/composite\?/],
  },
  {
    name: 'a checksum of the whole that is not that of its parts',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'full'], (record) => ({
        ...record,
        checksum: kept('CRC32', 'FULL_OBJECT', 'AAAAAA=='),
      })),
    told: [/^checksum s3:\/\/plain\/full\?.*: the CRC32/],
  },
  {
    name: 'a checksum of another part',
    damage: (damage) =>
      damage.amend(objectParts, ['plain', 'composite', 'null'], ([first, second, ...rest]) => [
        ...(first && second ? [{ ...first, checksum: second.checksum }, second] : []),
        ...rest,
      ]),
    told: [/^checksum s3:\/\/plain\/composite\?.*: part 1: the SHA256/],
  },
  {
    name: 'an ETag of another part',
    damage: (damage) =>
      damage.amend(objectParts, ['plain', 'full', 'null'], (parts) =>
        parts.map((body) => (body.number === 2 ? { ...body, etag: '0'.repeat(32) } : body)),
      ),
    told: [
      /^checksum s3:\/\/plain\/full\?.*: part 2: the MD5 of its content is not its ETag/,
      /^checksum s3:\/\/plain\/full\?.*: its ETag is not that of its parts/,
    ],
  },
  {
    name: 'an ETag of other parts',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'full'], (record) => ({ ...record, etag: `${'0'.repeat(32)}-2` })),
    told: [/^checksum s3:\/\/plain\/full\?.*: its ETag is not that of its parts/],
  },
  {
    name: 'a size that its parts do not have',
    damage: (damage) => damage.amend(objectRecords, ['plain', 'full'], (record) => ({ ...record, size: 7 })),
    told: [/^record s3:\/\/plain\/full\?.*: its bodies have 5242893 bytes together, in place of 7/],
  },
  {
    name: 'the list of bodies of what only its customer opens',
    damage: (damage) =>
      damage.amend(objectRecords, ['plain', 'customer'], (record) => ({ ...record, manifest: other })),
    told: [/^manifest s3:\/\/plain\/customer\?/],
  },
  {
    name: 'a segment of what only its customer opens that is shorter',
    damage(damage) {
      const id = blobAt(damage, 'customer')
      return damage.putSegment(id, damage.segment(id).subarray(1))
    },
    told: [/^segment s3:\/\/plain\/customer\?.*: 300031 sealed bytes are stored in place of 300032/],
  },
  {
    name: 'an ETag of what only its customer opens that is none',
    damage: (damage) => damage.amend(objectRecords, ['plain', 'customer'], (record) => ({ ...record, etag: 'x' })),
    told: [/^record s3:\/\/plain\/customer\?.*: "x" is no ETag/],
  },
  {
    name: 'a part of an upload that is another',
    damage: (damage) =>
      damage.amend(uploadParts, [sound.uploadId, 1], (part) => ({
        ...part,
        checksum: part.checksum && { ...part.checksum, value: 'AAAAAAAAAAA=' },
      })),
    told: [/^checksum s3:\/\/plain\/unfinished\?uploadId=\w+&partNumber=1: the CRC64NVME/],
  },
  {
    name: 'an upload that was not begun so',
    damage: (damage) =>
      damage.amend(uploadRecords, ['plain', 'unfinished', sound.uploadId], (upload) => ({
        ...upload,
        manifest: other,
      })),
    told: [/^manifest s3:\/\/plain\/unfinished\?uploadId=/],
  },
]

test.each(rows.map((row) => [row.name, row] as const))('%s is told', async (_, row) => {
  const told = await toldOf(sound, row)
  for (const pattern of row.told) expect(told).toContainEqual(expect.stringMatching(pattern))
  expect(told.filter((line) => !row.told.some((pattern) => pattern.test(line)))).toEqual([])
})
