import { expect, test } from '@jest/globals'
import { AwsError } from '../../aws/errors.ts'
import { parsePolicy } from '../../aws/policy-parse.ts'
import { checkIdentityDocument } from './identity-document.ts'

const allow = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
const version = '2012-10-17'

function refusalOf(document: string | object, use: 'managed' | 'inline' = 'managed'): string {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  try {
    checkIdentityDocument(text, use)
    return ''
  } catch (error) {
    if (error instanceof AwsError && error.code === 'MalformedPolicyDocument') return error.message
    throw error
  }
}
const ofStatement = (statement: object) => refusalOf({ Version: version, Statement: [{ ...allow, ...statement }] })

const syntax = 'Syntax errors in policy.'
const legacy = 'The policy failed legacy parsing'

test.each<[string, string | object, string]>([
  ['no JSON', '{', syntax],
  ['another version', { Version: '2013-10-17', Statement: [allow] }, syntax],
  ['no statements', { Version: version, Statement: [] }, syntax],
  ['an unknown element', { Version: version, Statement: [allow], More: 1 }, syntax],
  ['no version', { Statement: [allow] }, 'Policy document must be version 2012-10-17 or greater.'],
  [
    'one Sid twice',
    { Version: version, Statement: [1, 2].map(() => ({ ...allow, Sid: 'a' })) },
    'Statement IDs (SID) in a single policy must be unique.',
  ],
])('a document with %s is refused', (_case, document, words) => {
  expect(refusalOf(document)).toBe(words)
})

test.each<[string, object, string]>([
  ['an effect that is none', { Effect: 'Perhaps' }, syntax],
  ['an effect in another case', { Effect: 'allow' }, legacy],
  ['Action and NotAction', { NotAction: 's3:*' }, syntax],
  ['nested actions', { Action: [['s3:*']] }, syntax],
  ['an unknown operator with a key', { Condition: { Sometimes: { 'aws:a': 'b' } } }, syntax],
  ['an ARN of five fields', { Resource: 'arn:aws:s3::b' }, legacy],
  ['no date', { Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } }, legacy],
  ['no actions', { Action: [] }, 'Policy statement must contain actions.'],
  ['no resources', { Resource: undefined }, 'Policy statement must contain resources.'],
  ['a resource without a colon', { Resource: 'b' }, 'Resource b must be in ARN format or "*".'],
  ['an empty resource', { Resource: '' }, 'Resource  must be in ARN format or "*".'],
  ['half an ARN', { Resource: 'arn:aws' }, 'Resource vendor must be fully qualified and cannot contain regexes.'],
  ['another partition', { Resource: 'a:b:cadfsdf' }, 'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".'],
  ['a Region of S3', { Resource: 'arn:aws:s3:eu-west-1::b' }, 'Resource ARN can not contain region information.'],
  [
    'a Region of IAM',
    { Resource: 'arn:aws:iam:eu-west-1::root' },
    'IAM resource ARN cannot contain region information.',
  ],
  ['an action alone', { Action: 'x' }, 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
  ['an odd vendor', { Action: 'a a:x' }, 'Vendor a a is not valid'],
  ['two colons', { Action: 's3:a:b' }, 'Actions/Condition can contain only one colon.'],
  ['a principal', { Principal: '*' }, 'Policy document should not specify a principal.'],
])('a statement with %s is refused', (_case, statement, words) => {
  expect(ofStatement(statement)).toBe(words)
})

test.each<[string, object]>([
  ['unknown services', { Action: 'my-service.x:Do', Resource: 'arn:aws:my.service:::x' }],
  ['three fields', { Resource: 'arn:aws:x' }],
  ['an empty condition', { Condition: {} }],
  ['an unknown operator without keys', { Condition: { Sometimes: {} } }],
  ['a key without values', { Condition: { StringEquals: { 'aws:a': [] } } }],
])('%s are accepted, and can be weighed', (_case, statement) => {
  expect(ofStatement(statement)).toBe('')
  const document = JSON.stringify({ Version: version, Statement: [{ ...allow, ...statement }] })
  expect(parsePolicy(document, 'identity').statements).toHaveLength(1)
})

test('an inline policy may be of the older version', () => {
  expect(refusalOf({ Statement: allow }, 'inline')).toBe('')
})

test('the version comes first in an inline policy, and anywhere in a managed one, as Terraform sends them', () => {
  const versionLast = { Statement: [allow], Version: version }
  expect(refusalOf(versionLast, 'inline')).toBe(legacy)
  expect(refusalOf(versionLast, 'managed')).toBe('')
})
