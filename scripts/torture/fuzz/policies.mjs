import { mutateJson, mutateText, oddText, sometimes } from './mutations.mjs'

/* Policy documents of all kinds, right ones first: who, what, where, on which condition. Now and then one is as large as is allowed. */

const actions = {
  bucket: ['s3:*', 's3:GetObject', 's3:Get*', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject', 's3:*Acl', '*'],
  identity: [
    '*',
    's3:*',
    's3:Get*',
    's3:PutObject',
    's3:ListBucket',
    'kms:*',
    'kms:Decrypt',
    'iam:Get*',
    'sts:AssumeRole',
  ],
  trust: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:*'],
  key: ['kms:*', 'kms:Encrypt', 'kms:Describe*', 'kms:CreateGrant', '*'],
}
const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericLessThan',
  'NumericEquals',
  'DateGreaterThan',
  'DateNotEquals',
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'NotIpAddress',
  'ArnLike',
  'ArnNotEquals',
  'Null',
]
const conditionKeys = [
  'aws:username',
  'aws:userid',
  'aws:PrincipalArn',
  'aws:PrincipalTag/team',
  'aws:PrincipalAccount',
  'aws:RequestTag/team',
  'aws:TagKeys',
  'aws:SourceIp',
  'aws:SecureTransport',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:UserAgent',
  'aws:Referer',
  's3:prefix',
  's3:delimiter',
  's3:max-keys',
  's3:x-amz-acl',
  's3:x-amz-grant-read',
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:x-amz-content-sha256',
  's3:authType',
  's3:signatureversion',
  's3:signatureAge',
  's3:ExistingObjectTag/team',
  's3:ResourceAccount',
  's3:VersionId',
  'kms:EncryptionContext:a',
  'kms:EncryptionContextKeys',
  'kms:ViaService',
  'sts:ExternalId',
]
const conditionValues = [
  '*',
  'test',
  'a',
  'true',
  'false',
  '10',
  '-1.5e3',
  '127.0.0.0/8',
  '::1/128',
  '2030-01-01T00:00:00Z',
  '*a*a*a*a*a*a*b',
  '????????*?',
  variable('aws:username'),
  variable("aws:PrincipalTag/team, 'none'"),
  variable('*'),
  variable('aws:').slice(0, -1),
  'aws:kms',
  'arn:aws:iam::000000000000:user/*',
  'c2VjcmV0',
]

/** What a policy has in the place of a value that the request tells. */
function variable(name) {
  return `\${${name}}`
}

/**
 * A policy's text.
 * @param {'bucket' | 'identity' | 'trust' | 'key'} kind where it is put: identity policies name no principal, trust policies no resource
 */
export function policyText(chance, world, kind) {
  const count = chance.oneIn(80) ? 300 : chance.between(1, 3)
  const statements = Array.from({ length: count }, () => statement(chance, world, kind))
  const document = { Version: chance.pick(['2012-10-17', '2012-10-17', '2008-10-17']), Statement: statements }
  if (chance.oneIn(8)) document.Id = 'fuzz'
  const text = JSON.stringify(sometimes(chance, document, mutateJson))
  return chance.oneIn(12) ? mutateText(chance, text) : text
}

function statement(chance, world, kind) {
  const made = { Effect: chance.oneIn(6) ? 'Deny' : 'Allow' }
  if (chance.oneIn(4)) made.Sid = `Sid${chance.int(5)}`
  if (kind !== 'identity') made[chance.oneIn(15) ? 'NotPrincipal' : 'Principal'] = principal(chance, world)
  made[chance.oneIn(15) ? 'NotAction' : 'Action'] = oneOrMore(chance, () => chance.pick(actions[kind]))
  if (kind !== 'trust') {
    made[chance.oneIn(15) ? 'NotResource' : 'Resource'] = oneOrMore(chance, () => resource(chance, world, kind))
  }
  if (chance.oneIn(2)) made.Condition = condition(chance)
  return made
}

function principal(chance, world) {
  const account = '000000000000'
  const named = [account, `arn:aws:iam::${account}:root`, world.userArn, world.roleArn, '111111111111', '*']
  const others = [
    '*',
    { CanonicalUser: world.ownerId },
    { Service: oneOrMore(chance, () => chance.pick(['s3.amazonaws.com', 'logging.s3.amazonaws.com'])) },
    { Federated: 'cognito-identity.amazonaws.com' },
  ]
  return chance.oneIn(3) ? chance.pick(others) : { AWS: oneOrMore(chance, () => chance.pick(named)) }
}

function resource(chance, { bucket, ruledBucket, keyId }, kind) {
  if (kind === 'key') return chance.pick(['*', `arn:aws:kms:us-east-1:000000000000:key/${keyId}`])
  const own = [`arn:aws:s3:::${ruledBucket}`, `arn:aws:s3:::${ruledBucket}/*`, `arn:aws:s3:::${ruledBucket}/a*`]
  if (kind === 'bucket') return chance.oneIn(10) ? `arn:aws:s3:::${bucket}/*` : chance.pick(own)
  return chance.pick([
    '*',
    ...own,
    `arn:aws:s3:::${ruledBucket}/${variable('aws:username')}/*`,
    'arn:aws:iam::000000000000:role/*',
  ])
}

function condition(chance) {
  const made = {}
  for (let left = chance.between(1, 3); left > 0; left--) {
    const prefix = chance.pick(['', '', '', 'ForAllValues:', 'ForAnyValue:'])
    const operator = prefix + chance.pick(operators) + (chance.oneIn(4) ? 'IfExists' : '')
    const values = oneOrMore(chance, () => conditionValue(chance))
    made[operator] = { ...made[operator], [chance.pick(conditionKeys)]: values }
  }
  return made
}

function conditionValue(chance) {
  if (chance.oneIn(60)) return '*a'.repeat(chance.pick([100, 2000]))
  return chance.oneIn(8) ? oddText(chance) : chance.pick(conditionValues)
}

/** Both ways to write one: itself, or a list; and now and then a long list. */
function oneOrMore(chance, make) {
  if (chance.oneIn(2)) return make()
  return Array.from({ length: chance.oneIn(80) ? 500 : chance.between(1, 3) }, make)
}
