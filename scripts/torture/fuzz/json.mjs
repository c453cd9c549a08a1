import { readFileSync } from 'node:fs'
import { mutateBytes, mutateJson, mutateText, oddText, sometimes } from './mutations.mjs'
import { policyText } from './policies.mjs'
import { finish, headerText } from './request.mjs'

/* What speaks AWS JSON: every KMS operation of AWS's model with an input that its facts allow, then changed. */

const operations = JSON.parse(readFileSync(new URL('../../../fixtures/aws/kms.json', import.meta.url), 'utf8'))
const attributes = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
]

export function kmsRequest(chance, world) {
  const name = chance.oneIn(100) ? oddText(chance) : chance.pick(Object.keys(operations))
  return jsonRequest(
    chance,
    world,
    'kms',
    `TrentService.${name}`,
    inputFor(chance, world, Object.hasOwn(operations, name) ? operations[name] : {}),
  )
}

export function cloudTrailRequest(chance, world) {
  const now = Date.now() / 1000
  const input = {
    LookupAttributes: [
      { AttributeKey: chance.pick(attributes), AttributeValue: chance.pick(['Encrypt', world.keyId, 'test', 'true']) },
    ],
    StartTime: chance.pick([0, now - 60, now]),
    EndTime: chance.pick([now, now + 60, '2030-01-01T00:00:00Z']),
    MaxResults: chance.between(1, 50),
  }
  for (const member of Object.keys(input)) if (chance.oneIn(2)) delete input[member]
  if (chance.oneIn(6)) input.NextToken = oddText(chance)
  const version = chance.pick(['com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.', 'CloudTrail_20131101.'])
  const name = chance.pick(['LookupEvents', 'LookupEvents', 'LookupEvents', 'CreateTrail', oddText(chance)])
  return jsonRequest(chance, world, 'cloudtrail', version + name, input)
}

function jsonRequest(chance, world, service, target, input) {
  const text = JSON.stringify(sometimes(chance, input, mutateJson))
  const body = Buffer.from(text)
  return finish(chance, world, {
    method: chance.oneIn(60) ? chance.pick(['GET', 'PUT', 'HEAD']) : 'POST',
    path: chance.oneIn(60) ? `/${oddText(chance)}` : '/',
    headers: {
      'content-type': chance.oneIn(40) ? headerText(oddText(chance)) : 'application/x-amz-json-1.1',
      'x-amz-target': headerText(chance.oneIn(60) ? mutateText(chance, target) : target),
    },
    body: chance.oneIn(20) ? mutateBytes(chance, body) : body,
    service,
  })
}

function inputFor(chance, world, members) {
  const given = Object.entries(members).filter(([, facts]) => facts.required || chance.oneIn(5))
  return Object.fromEntries(given.map(([name, facts]) => [name, valueFor(chance, world, name, facts)]))
}

function valueFor(chance, world, name, facts) {
  const known = knownValues(chance, world)[name]
  if (known) return chance.pick(known)
  switch (facts.type) {
    case 'enum':
      return chance.pick(facts.values)
    case 'boolean':
      return chance.oneIn(2)
    case 'integer':
      return chance.between(facts.min ?? 0, Math.min(facts.max ?? 100, 10_000))
    case 'blob':
      return chance.bytes(chance.between(1, 200)).toString('base64')
    case 'timestamp':
      return Date.now() / 1000 + chance.between(-1000, 100_000)
    case 'map':
      return { [`name-${chance.int(5)}`]: 'value' }
    case 'list':
      return ['Encrypt']
    default:
      return chance.oneIn(3) ? oddText(chance) : `text-${chance.int(1000)}`
  }
}

/** Values by member that lead deeper than their type alone would. */
function knownValues(chance, world) {
  const arn = `arn:aws:kms:us-east-1:000000000000:key/${world.keyId}`
  const ids = [
    world.keyId,
    arn,
    'alias/fuzz',
    'arn:aws:kms:us-east-1:000000000000:alias/fuzz',
    world.macKeyId,
    world.lostKeyId,
  ]
  const principal = ['arn:aws:iam::000000000000:user/app', 'arn:aws:iam::000000000000:root', 'kms.amazonaws.com']
  return {
    KeyId: ids,
    SourceKeyId: ids,
    DestinationKeyId: ids,
    TargetKeyId: ids,
    AliasName: ['alias/fuzz', 'alias/fuzz-2', 'alias/aws/s3'],
    CiphertextBlob: [world.ciphertext],
    EncryptionContext: [{ a: 'b' }, {}],
    SourceEncryptionContext: [{ a: 'b' }],
    GranteePrincipal: principal,
    RetiringPrincipal: principal,
    Operations: [['Encrypt', 'Decrypt'], ['CreateGrant'], ['RetireGrant']],
    Constraints: [{ EncryptionContextSubset: { a: 'b' } }, { EncryptionContextEquals: {} }],
    GrantId: [world.grantId],
    GrantToken: [world.grantToken],
    GrantTokens: [[world.grantToken], []],
    Tags: [[{ TagKey: 'a', TagValue: 'b' }]],
    TagKeys: [['a']],
    Policy: [policyText(chance, world, 'key')],
    PolicyName: ['default'],
    // The key of every request must live on, and RSA keys take long to make.
    PendingWindowInDays: [7, 30],
    KeyPairSpec: ['ECC_NIST_P256', 'ECC_SECG_P256K1'],
    KeySpec: ['SYMMETRIC_DEFAULT', 'HMAC_256', 'AES_256', 'AES_128'],
    CustomerMasterKeySpec: ['SYMMETRIC_DEFAULT'],
    ReplicaRegion: ['eu-west-1'],
  }
}
