import { readFileSync } from 'node:fs'
import { oddText } from './mutations.mjs'

/* Documents of S3 as AWS's model describes them: each structure with what it must have and some of what it may. */

const shapes = JSON.parse(readFileSync(new URL('../../../fixtures/aws/s3-documents.json', import.meta.url), 'utf8'))
const deepest = 8

/** @param {string} name of the structure, which is the name of the root as well */
export function modelDocument(chance, world, name) {
  return element(chance, world, name, name, 0)
}

function element(chance, world, name, shape, depth, attributes = '') {
  return `<${name}${attributes}>${content(chance, world, shape, depth)}</${name}>`
}

function content(chance, world, shape, depth) {
  const facts = shapes[shape]
  switch (facts?.type) {
    case 'structure':
      return members(chance, world, facts.members, depth)
    case 'list':
      return items(chance, world, { element: facts.element, shape: facts.item }, depth)
    case 'enum':
      return chance.pick(facts.values)
    case 'boolean':
      return chance.pick(['true', 'false'])
    case 'integer':
    case 'long':
      return String(chance.pick([0, 1, 30, 365, 1000]))
    case 'timestamp':
      return chance.pick(['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00Z', '2020-01-01'])
    default:
      return textOf(chance, world, shape)
  }
}

function members(chance, world, list, depth) {
  const given = Object.entries(list).filter(([, { required }]) => required || (depth < deepest && chance.oneIn(2)))
  return given
    .filter(([, { element: name }]) => name !== 'xsi:type')
    .map(([member, { shape, element: name = member, flattened }]) => {
      if (flattened) return items(chance, world, { element: name, shape: shapes[shape].item }, depth + 1)
      return element(chance, world, name, shape, depth + 1, typeOf(chance, shape))
    })
    .join('')
}

/** The one attribute that S3's documents have. */
function typeOf(chance, shape) {
  if (shape !== 'Grantee') return ''
  const type = chance.pick(shapes.Type.values)
  return ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}"`
}

function items(chance, world, { element: name, shape }, depth) {
  const count = chance.oneIn(100) ? 1100 : chance.between(1, 2)
  // A long list within a long list would be larger than any body may be.
  const below = count > 2 ? deepest : depth + 1
  return Array.from({ length: count }, () => element(chance, world, name, shape, below)).join('')
}

function textOf(chance, { bucket, ownerId, roleArn, keyId }, shape) {
  const known = {
    ID: [ownerId, 'x'],
    URI: ['http://acs.amazonaws.com/groups/global/AllUsers', 'http://acs.amazonaws.com/groups/s3/LogDelivery'],
    BucketName: [`arn:aws:s3:::${bucket}`, bucket],
    TargetBucket: [bucket],
    Role: [roleArn],
    AccountId: ['000000000000'],
    SSEKMSKeyId: [keyId],
    ReplicaKmsKeyID: [keyId],
    QueueArn: ['arn:aws:sqs:us-east-1:000000000000:queue'],
    TopicArn: ['arn:aws:sns:us-east-1:000000000000:topic'],
    LambdaFunctionArn: ['arn:aws:lambda:us-east-1:000000000000:function:f'],
    AllowedOrigin: ['*', 'https://*.test'],
    AllowedMethod: ['GET', 'PUT'],
    HttpRedirectCode: ['301', '302'],
    HttpErrorCodeReturnedEquals: ['404'],
    Suffix: ['index.html'],
    FilterRuleValue: ['a/'],
    ObjectKey: ['object-1'],
  }
  if (Object.hasOwn(known, shape) && !chance.oneIn(10)) return chance.pick(known[shape])
  return chance.oneIn(6) ? oddText(chance).replace(/[<&]/g, '') : `text-${chance.int(100)}`
}
