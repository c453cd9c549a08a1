import { beforeAll, expect, test } from '@jest/globals'
import { accessKeys, identityNames, managedPolicies, policyVersions, principals } from '../../identity/records.ts'
import { grantCountRecords, granteeRecords, grantRecords, retirableRecords } from '../../kms/grants/grant-store.ts'
import { aliasRecords, keyAliasRecords, keyRecords } from '../../kms/keys/key-store.ts'
import { materialRecords } from '../../kms/material/key-material.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import { configurationName } from '../../s3/records/configurations.ts'
import { indexedVersions } from '../../s3/records/lifecycle-index.ts'
import { lifecyclesDue } from '../../s3/records/lifecycle-schedule.ts'
import {
  currentMarkers,
  nullOrders,
  objectParts,
  objectRecords,
  objectVersions,
} from '../../s3/records/object-record.ts'
import { uploadRecords } from '../../s3/records/uploads.ts'
import { sseRoots } from '../../s3/sse/keyring.ts'
import { type DamageRow, type SoundStore, soundStore, toldOf } from './sound-store.fixture.ts'

/* A store that is damaged in one way, and what is told of it: that, and nothing else. */

let sound: SoundStore

beforeAll(async () => {
  sound = await soundStore()
})

const account = '000000000000'
const region = 'us-east-1'
const { records: configurations } = configurationName<unknown>('')
const other = Buffer.alloc(32, 1).toString('base64')

const rows: DamageRow[] = [
  {
    name: 'a record that is no JSON',
    damage: (damage) => damage.text(aliasRecords, [account, region, 'alias/one'], '{"targetKeyId":'),
    told: [/^record alias 000000000000 us-east-1 alias\/one: it is no JSON/],
  },
  {
    name: 'an object’s record that is no JSON',
    damage: (damage) => damage.text(objectRecords, ['plain', 'small'], '{'),
    told: [/^record object plain small: it is no JSON/],
  },
  {
    name: 'a member that is missing',
    damage: (damage) => damage.text(bucketRecords, ['trails'], JSON.stringify({ name: 'trails', region })),
    told: [/^record bucket trails: \.ownerAccountId is no text/],
  },
  {
    name: 'a member of another type',
    damage: (damage) =>
      damage.text(
        objectRecords,
        ['plain', 'small'],
        JSON.stringify({ ...damage.get(objectRecords, ['plain', 'small']), size: '5' }),
      ),
    told: [/^record object plain small: \.size is no whole number/],
  },
  {
    name: 'a record of a kind that nobody knows',
    damage: (damage) =>
      damage.put({ ...aliasRecords, prefix: '\x05' }, [account, region, 'a'], {
        targetKeyId: '',
        creationDate: 0,
        lastUpdatedDate: 0,
      }),
    told: [/^record ".u0005.*: it is of no kind that is known/],
  },
  {
    name: 'an alias without its key',
    damage: (damage) =>
      damage.amend(aliasRecords, [account, region, 'alias/one'], (alias) => ({ ...alias, targetKeyId: 'gone' })),
    told: [
      /^record alias .*alias\/one: stands for the key gone, which is missing/,
      /^record keyAlias .*alias\/one: is of an alias that stands for another key/,
    ],
  },
  {
    name: 'an alias that its key does not know of',
    damage: (damage) => damage.drop(keyAliasRecords, [region, sound.keyId, 'alias/one']),
    told: [/^record alias .*alias\/one: is not among the aliases of its key/],
  },
  {
    name: 'key material that is missing',
    async damage(damage) {
      const materialId = damage.get(keyRecords, [region, sound.keyId]).currentMaterialId ?? ''
      await damage.drop(materialRecords, [sound.keyId, materialId])
    },
    told: [/^record key us-east-1 .*: has no material/],
  },
  {
    name: 'key material that was changed',
    async damage(damage) {
      const materialId = damage.get(keyRecords, [region, sound.keyId]).currentMaterialId ?? ''
      await damage.put(materialRecords, [sound.keyId, materialId], { sealed: other.repeat(2).replace('=', '') })
    },
    told: [
      /^record keyMaterial .*: does not open under the root key/,
      /^record s3:\/\/plain\/sealed\?.*: its key does not open/,
    ],
  },
  {
    name: 'a replica that the set does not agree with',
    damage: (damage) =>
      damage.amend(keyRecords, ['eu-west-1', sound.multiRegionKeyId], (key) => ({
        ...key,
        rotation: { periodInDays: 90, nextDate: 1 },
      })),
    told: [
      /^record key eu-west-1 mrk-.*: does not agree with the one in us-east-1/,
      /^record key us-east-1 mrk-.*: does not agree with the one in eu-west-1/,
    ],
  },
  {
    name: 'a replica that is missing',
    damage: (damage) => damage.drop(keyRecords, ['eu-west-1', sound.multiRegionKeyId]),
    told: [/^record key us-east-1 mrk-.*: is in a set with one in eu-west-1, which is missing/],
  },
  {
    name: 'a grant that its grantee does not find',
    async damage(damage) {
      const grant = damage.get(grantRecords, [region, sound.keyId, sound.grantId])
      await damage.drop(granteeRecords, [region, sound.keyId, grant.granteePrincipal, sound.grantId])
    },
    told: [/^record grant us-east-1 .*: is not found by its grantee/],
  },
  {
    name: 'a grant that is missing',
    damage: (damage) => damage.drop(grantRecords, [region, sound.keyId, sound.grantId]),
    told: [
      /^record granteeGrant .*: leads to no grant/,
      /^record retirableGrant .*: leads to no grant/,
      /^record grantCount .*: says 1 in place of 0/,
    ],
  },
  {
    name: 'a grant that who may retire it does not find',
    async damage(damage) {
      const [key] = await damage.all(retirableRecords)
      if (key) await damage.drop(retirableRecords, key)
    },
    told: [/^record grant us-east-1 .*: is not found by who may retire it/],
  },
  {
    name: 'a wrong number of grants',
    damage: (damage) => damage.put(grantCountRecords, [region, sound.keyId], 5),
    told: [/^record grantCount us-east-1 .*: says 5 in place of 1/],
  },
  {
    name: 'a user that is not found by its name',
    damage: (damage) => damage.drop(identityNames, [account, 'user', 'alice']),
    told: [/^record principal arn:aws:iam::000000000000:user\/alice: is not found by its name/],
  },
  {
    name: 'a user that is missing',
    damage: (damage) => damage.drop(principals, [`arn:aws:iam::${account}:user/alice`]),
    told: [
      /^record accessKey AKIA.*: is a key of .*alice, which is missing/,
      /^record identityName .*: is the name of .*alice, which is missing/,
    ],
  },
  {
    name: 'an access key that is missing',
    async damage(damage) {
      const [key] = await damage.all(accessKeys)
      if (key) await damage.drop(accessKeys, key)
    },
    told: [/^record principal .*alice: has the access key AKIA.*, which is missing/],
  },
  {
    name: 'a policy without its version',
    damage: (damage) => damage.drop(policyVersions, [`arn:aws:iam::${account}:policy/nothing`, 1]),
    told: [/^record managedPolicy .*policy\/nothing: has a default version that is missing/],
  },
  {
    name: 'a policy that is no JSON',
    damage: (damage) =>
      damage.amend(managedPolicies, [`arn:aws:iam::${account}:policy/nothing`], (policy) => ({
        ...policy,
        document: '{',
      })),
    told: [/^record managedPolicy .*policy\/nothing: is no JSON/],
  },
  {
    name: 'a bucket without the policy that it says it has',
    damage: (damage) => damage.drop(configurations, ['trails', 'policy']),
    told: [/^record bucket trails: has no policy configuration/],
  },
  {
    name: 'a configuration that its bucket does not know of',
    damage: (damage) => damage.amend(bucketRecords, ['trails'], ({ hasPolicy: _, ...bucket }) => bucket),
    told: [/^record bucketConfiguration trails policy: is not told by the record of its bucket/],
  },
  {
    name: 'a configuration that cannot be told',
    damage: (damage) => damage.put(configurations, ['versions', 'lifecycle'], { Rules: [{}] }),
    told: [/^record bucketConfiguration versions lifecycle: cannot be told/],
  },
  {
    name: 'objects in a bucket that is missing',
    async damage(damage) {
      await damage.drop(bucketRecords, ['versions'])
    },
    told: [
      /^record bucketConfiguration versions .*is of a bucket that is missing/,
      /^record currentMarker|^record s3:\/\/versions\/v.*is in a bucket that is missing/,
      /^record s3:\/\/versions\/w.*is in a bucket that is missing/,
    ],
  },
  {
    name: 'a version that is not found by its id',
    damage: (damage) => damage.drop(nullOrders, ['versions', 'v']),
    told: [/^record s3:\/\/versions\/v\?versionId=null: is not found by its id/],
  },
  {
    name: 'versions without a current one',
    damage: (damage) => damage.drop(currentMarkers, ['versions', 'v']),
    told: [
      ...Array.from(
        { length: 3 },
        () => /^record s3:\/\/versions\/v\?.*: is noncurrent, and its key has no current version/,
      ),
      /^record lifecycleVersion .*: leads to no version/,
    ],
  },
  {
    name: 'a version in the place of another',
    async damage(damage) {
      const [first] = (await damage.all(objectVersions)).filter(([, key]) => key === 'v')
      if (!first) throw new Error('There is none')
      const [bucket, key, order] = first
      await damage.put(objectVersions, [bucket, key, order - 5], damage.get(objectVersions, first))
      await damage.drop(objectVersions, first)
    },
    told: [
      /^record s3:\/\/versions\/v\?.*: lies in the place of another/,
      /is newer than the current version/,
      /leads to no version/,
    ],
  },
  {
    name: 'a list of parts that is missing',
    damage: (damage) => damage.drop(objectParts, ['plain', 'full', 'null']),
    told: [/^record s3:\/\/plain\/full\?.*: has no list of its parts/],
  },
  {
    name: 'a list of parts without its object',
    damage: (damage) => damage.drop(objectRecords, ['plain', 'full']),
    told: [/^record s3:\/\/plain\/full\?.*: are the parts of a version that is missing/],
  },
  {
    name: 'a part without its upload',
    damage: (damage) => damage.drop(uploadRecords, ['plain', 'unfinished', sound.uploadId]),
    told: [/^record uploadPart .* 1: is a part of an upload that is missing/],
  },
  {
    name: 'a version that its lifecycle does not find',
    async damage(damage) {
      const [entry] = (await damage.all(indexedVersions)).filter(([, , key]) => key === 'w')
      if (entry) await damage.drop(indexedVersions, entry)
    },
    told: [/^record s3:\/\/versions\/w\?.*: is not found by its lifecycle/],
  },
  {
    name: 'a lifecycle that is never looked after',
    async damage(damage) {
      for (const key of await damage.all(lifecyclesDue)) await damage.drop(lifecyclesDue, key)
    },
    told: [/^record lifecycleIndex versions: is of a bucket that is never looked after/],
  },
  {
    name: 'a root of S3 that does not open',
    damage: (damage) => damage.put(sseRoots, [account, region, 'SSE-S3'], other.repeat(2).replace('=', '')),
    told: [/^record sseRoot 000000000000 us-east-1 SSE-S3: does not open/],
  },
]

test.each(rows.map((row) => [row.name, row] as const))('%s is told', async (_, row) => {
  const told = await toldOf(sound, row)
  for (const pattern of row.told) expect(told).toContainEqual(expect.stringMatching(pattern))
  expect(told.filter((line) => !row.told.some((pattern) => pattern.test(line)))).toEqual([])
})
