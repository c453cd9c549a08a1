import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { AccessControlPolicy } from '../access/acl-document.ts'
import { configurations } from '../configurations/index.ts'
import { CreateBucketConfiguration } from '../operations/bucket/create-bucket.ts'
import { LegalHold, Retention } from './object-lock.ts'
import { shapeOf, type XmlMembers, type XmlShape } from './xml-shapes.ts'

/* The shapes of documents, held against AWS's model (scripts/extract-model-facts.mjs). */

interface MemberFacts {
  shape: string
  element?: string
  flattened?: boolean
  required?: boolean
}

interface ShapeFacts {
  type: string
  members?: Record<string, MemberFacts>
  item?: string
  element?: string
  values?: string[]
}

const model: Record<string, ShapeFacts> = JSON.parse(
  readFileSync(new URL('../../../fixtures/aws/s3-documents.json', import.meta.url), 'utf8'),
)

/** Where a shape is right and the model is not, or is older. */
const known = new Set([
  // S3 takes the tags away, with the set left out or empty (evidence: s3-bucket-tagging).
  'Tagging.TagSet: required is false, the model has true',
  // Values that are none have errors of their own.
  'CreateBucketConfiguration.LocationConstraint: has no values',
  // Newer than the extract.
  'AbacStatus: the model has no AbacStatus',
  'CreateBucketConfiguration.Tags: is not in the model',
  'InventoryConfiguration.OptionalFields: values has LifecycleExpirationDate, the model has not',
  'ServerSideEncryptionConfiguration.Rules.BlockedEncryptionTypes: is not in the model',
  // Read whatever their case, and refused in words of their own (evidence: s3-notification-document).
  'NotificationConfiguration.TopicConfigurations.Filter.Key.FilterRules.Name: has no values',
  'NotificationConfiguration.QueueConfigurations.Filter.Key.FilterRules.Name: has no values',
  'NotificationConfiguration.LambdaFunctionConfigurations.Filter.Key.FilterRules.Name: has no values',
  // Classes that no object of a general purpose bucket has (evidence: s3-storage-class).
  'ReplicationConfiguration.Rules.Destination.StorageClass: values has not OUTPOSTS, the model has',
  'ReplicationConfiguration.Rules.Destination.StorageClass: values has not SNOW, the model has',
  'ReplicationConfiguration.Rules.Destination.StorageClass: values has not EXPRESS_ONEZONE, the model has',
  // Without them S3 answers MalformedXML (evidence: s3-object-lock).
  'ObjectLockConfiguration.ObjectLockEnabled: required is true, the model has false',
  'ObjectLockConfiguration.Rule.DefaultRetention: required is true, the model has false',
  'ObjectLockConfiguration.Rule.DefaultRetention.Mode: required is true, the model has false',
  // Without them S3 answers MalformedACLError (evidence: s3-malformed-acl).
  'AccessControlPolicy.Grants.Grantee: required is true, the model has false',
  'AccessControlPolicy.Grants.Permission: required is true, the model has false',
  'AccessControlPolicy.Grants: required is true, the model has false',
  'AccessControlPolicy.Owner: required is true, the model has false',
  'AccessControlPolicy.Owner.ID: required is true, the model has false',
])

const documents: [string, XmlShape<unknown>][] = [
  ['AccessControlPolicy', AccessControlPolicy],
  ['CreateBucketConfiguration', CreateBucketConfiguration],
  ['ObjectLockLegalHold', LegalHold],
  ['ObjectLockRetention', Retention],
  ...configurations.map(({ root, shape }): [string, XmlShape<unknown>] => [root, shape]),
]

test.each(documents)('%s has the members, elements and values of AWS’s model', (root, shape) => {
  expect(differences(root, shape, root).filter((difference) => !known.has(difference))).toEqual([])
})

test('What is told to differ from the model does', () => {
  const found = documents.flatMap(([root, shape]) => differences(root, shape, root))
  expect([...known].filter((difference) => !found.includes(difference))).toEqual([])
})

function differences(path: string, { description }: XmlShape<unknown>, name: string): string[] {
  const facts = model[name]
  if (facts === undefined) return [`${path}: the model has no ${name}`]
  const { type, values, item, element, flattened } = description
  if (type === 'document') return []
  if (facts.type === 'enum' && values === undefined) return [`${path}: has no values`]
  const wanted = facts.type === 'enum' ? 'string' : facts.type === 'long' ? 'integer' : facts.type
  if (type !== wanted) return [`${path}: is a ${type}, the model has a ${wanted}`]
  if (values) return valuesDiffer(path, values, facts.values ?? [])
  if (item) {
    const ofItems = flattened ? [] : unequal(path, 'element of items', element, facts.element)
    return [...ofItems, ...differences(path, item, facts.item ?? '')]
  }
  return membersDiffer(path, description.members ?? {}, facts.members ?? {})
}

function membersDiffer(path: string, members: XmlMembers, facts: Record<string, MemberFacts>): string[] {
  const missing = Object.keys(facts).filter((name) => !Object.hasOwn(members, name))
  const there = Object.entries(members).flatMap(([name, member]) => {
    const place = `${path}.${name}`
    const wanted = facts[name]
    if (wanted === undefined) return [`${place}: is not in the model`]
    const shape = shapeOf(member)
    return [
      ...unequal(place, 'element', shape.element ?? name, wanted.element ?? name),
      ...unequal(place, 'required', 'required' in member, wanted.required ?? false),
      ...(shape.description.type === 'list'
        ? unequal(place, 'flattened', shape.description.flattened, wanted.flattened ?? false)
        : []),
      ...differences(place, shape, wanted.shape),
    ]
  })
  return [...missing.map((name) => `${path}.${name}: is missing`), ...there]
}

function valuesDiffer(path: string, own: readonly string[], wanted: readonly string[]): string[] {
  const surplus = own.filter((value) => !wanted.includes(value))
  const missing = wanted.filter((value) => !own.includes(value))
  return [
    ...surplus.map((value) => `${path}: values has ${value}, the model has not`),
    ...missing.map((value) => `${path}: values has not ${value}, the model has`),
  ]
}

function unequal(path: string, what: string, own: unknown, wanted: unknown): string[] {
  return own === wanted ? [] : [`${path}: ${what} is ${own}, the model has ${wanted}`]
}
