import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { cloudTrailOperations } from '../src/cloudtrail/operations/index.ts'
import { iamOperations } from '../src/iam/operations/index.ts'
import { modelOperations } from '../src/iam/operations/model-operations.ts'
import { kmsOperations, supportedOperations } from '../src/kms/operations/index.ts'
import { type Members, type Shape, shapeOf } from '../src/protocol/shapes.ts'
import { demandsOf } from '../src/s3/http/router.ts'
import { operations } from '../src/s3/operations/index.ts'
import { notImplemented } from '../src/s3/operations/not-implemented.ts'
import { absentOperations, stsOperations } from '../src/sts/operations/index.ts'
import { LookupEventsInput } from '../src/trail/lookup-events.ts'
import { absentOperations as absentFromCloudTrail, trailOperations } from '../src/trail/operations.ts'

/* The operation tables of each service, held against AWS's models (fixtures/aws). */

const root = fileURLToPath(new URL('..', import.meta.url))
const s3Operations = [...operations, ...notImplemented]

test('No two S3 routes tie', () => {
  const demands = s3Operations.map((operation) => demandsOf(operation))
  expect(demands.filter((demand, index) => demands.indexOf(demand) !== index)).toEqual([])
})

test('Every KMS operation states what the trail shows of it, and no secret is on its lists', () => {
  const secrets = new Set([
    'Plaintext',
    'CiphertextBlob',
    'Message',
    'GrantTokens',
    'EncryptedKeyMaterial',
    'PrivateKeyPlaintext',
  ])
  for (const { name, audit } of kmsOperations.values()) {
    const shown = [...audit.request, ...(audit.response ?? [])]
    expect({ name, secrets: shown.filter((member) => secrets.has(member)) }).toEqual({ name, secrets: [] })
  }
})

test('The KMS table names operations that AWS has, and has every one of them', () => {
  const known = Object.keys(factsOf('kms'))
  expect(known.filter((name) => !kmsOperations.has(name))).toEqual([])
})

test.each(supportedOperations.map((operation) => [operation.name, operation] as const))(
  'The input of %s has the members and constraints of AWS’s model',
  (name, operation) => {
    expect(differences(operation.input, factsOf('kms')[name])).toEqual([])
  },
)

test.each([...cloudTrailOperations.values()].map((operation) => [operation.name, operation] as const))(
  'The input of %s of CloudTrail has the members and constraints of AWS’s model',
  (name, operation) => {
    expect(differences(operation.input, factsOf('cloudtrail')[name])).toEqual([])
  },
)

test('The operations on trails are those that the endpoint lets through, and with the absent ones they are AWS’s', () => {
  expect([...cloudTrailOperations.keys()].sort()).toEqual([...trailOperations].sort())
  const all = ['LookupEvents', ...trailOperations, ...absentFromCloudTrail]
  expect(all.sort()).toEqual(Object.keys(factsOf('cloudtrail')))
})

test('The input of LookupEvents has the members of AWS’s model', () => {
  // Bounds of MaxResults have an error of their own, so the shape leaves them out.
  const found = differences(LookupEventsInput, factsOf('cloudtrail').LookupEvents)
  expect(found.filter((difference) => !difference.startsWith('MaxResults'))).toEqual([])
})

test('The operations of IAM are AWS’s, and what is not here is known by name', () => {
  expect(modelOperations).toEqual(Object.keys(factsOf('iam')))
  expect([...iamOperations.keys()].filter((name) => !modelOperations.includes(name))).toEqual([])
})

test.each([...iamOperations.values()].map((operation) => [operation.name, operation] as const))(
  'The input of IAM’s %s has the members and constraints of AWS’s model',
  (name, operation) => {
    expect(differences(operation.input, anchoredFacts(factsOf('iam')[name]))).toEqual([])
  },
)

/** IAM's model has patterns that match the whole without saying so: ours say it. */
function anchoredFacts(model: Record<string, Facts> = {}): Record<string, Facts> {
  const anchored = (pattern: string) => {
    if (pattern.startsWith('^')) return pattern
    return pattern.includes(')|(') ? `^(${pattern})$` : `^${pattern}$`
  }
  const rows = Object.entries(model).map(([name, facts]) => {
    return [name, facts.pattern === undefined ? facts : { ...facts, pattern: anchored(facts.pattern) }]
  })
  return Object.fromEntries(rows)
}

test('The operations of STS are AWS’s, and every other one of AWS’s is known to be absent', () => {
  expect([...stsOperations.keys(), ...absentOperations].sort()).toEqual(Object.keys(factsOf('sts')))
})

test.each([...stsOperations.values()].map((operation) => [operation.name, operation] as const))(
  'The input of %s of STS has the members and constraints of AWS’s model',
  (name, operation) => {
    // The documentation bounds an inline session policy, the model does not; the model's pattern of ARNs is no regular expression.
    const found = differences(operation.input, anchoredFacts(factsOf('sts')[name]))
    expect(found.filter((difference) => !/^(Policy|RoleArn):/.test(difference))).toEqual([])
  },
)

test('Every S3 operation of the table is AWS’s, and every one of AWS’s is in the table', () => {
  // Beyond the extract: what AWS's newer models (botocore 1.43) add, and POST Object, a form and in no model.
  const beyondModel = new Set([
    'CreateBucketMetadataConfiguration',
    'DeleteBucketMetadataConfiguration',
    'GetBucketAbac',
    'GetBucketMetadataConfiguration',
    'PostObject',
    'PutBucketAbac',
    'RenameObject',
    'UpdateBucketMetadataInventoryTableConfiguration',
    'UpdateBucketMetadataJournalTableConfiguration',
    'UpdateObjectEncryption',
  ])
  const known = new Set(Object.keys(factsOf('s3')))
  const named = s3Operations.map(({ name }) => name)
  expect(named.filter((name) => !known.has(name) && !beyondModel.has(name))).toEqual([])
  expect([...known].filter((name) => !named.includes(name))).toEqual([])
})

interface Facts {
  type: string
  required?: boolean
  min?: number
  max?: number
  pattern?: string
  values?: string[]
}

function factsOf(service: 'kms' | 'cloudtrail' | 's3' | 'iam' | 'sts'): Record<string, Record<string, Facts>> {
  return JSON.parse(readFileSync(join(root, `fixtures/aws/${service}.json`), 'utf8'))
}

/** Where our shape states something else than the model. Members of newer models, beyond the extract, are let be. */
function differences(shape: Shape<unknown>, model: Record<string, Facts> = {}): string[] {
  const members: Members = shape.description.members ?? {}
  return Object.entries(model).flatMap(([name, facts]) => {
    const member = members[name]
    if (member === undefined) return [`${name} is missing`]
    const { min, max, pattern } = shapeOf(member).description
    const isRequired = 'required' in member
    const own = { required: isRequired || undefined, min: min || undefined, max, pattern }
    const wanted = { required: facts.required, min: facts.min || undefined, max: facts.max, pattern: facts.pattern }
    return JSON.stringify(own) === JSON.stringify(wanted)
      ? []
      : [`${name}: ${JSON.stringify(own)}, the model has ${JSON.stringify(wanted)}`]
  })
}
