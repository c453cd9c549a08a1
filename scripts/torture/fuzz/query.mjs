import { readFileSync } from 'node:fs'
import { encode } from '../signature.mjs'
import { mutateBytes, mutateJson, mutateText, oddText, sometimes } from './mutations.mjs'
import { policyText } from './policies.mjs'
import { finish, wellFormed } from './request.mjs'

/*
 * What speaks the query protocol: every operation of IAM and STS of AWS's models. An input is made of the model's facts and what the
 * world holds, changed, and flattened to a form: { Tags: [{ Key: 'a' }] } ▶ Tags.member.1.Key=a
 */

const iam = readFacts('iam')
const sts = readFacts('sts')
/** What is here; the rest of the model is refused by name and needs few tries. */
const oftenAsked = /User|Role|Group|Polic|AccessKey|InstanceProfile|Simulate|ContextKeys|AccountAuth|AccountSummary/
const oftenOfIam = Object.keys(iam).filter((name) => oftenAsked.test(name))

export function iamRequest(chance, world) {
  const name = chance.pick(chance.oneIn(12) ? Object.keys(iam) : oftenOfIam)
  // Who signs other requests must live on.
  const isEnd = /^(Delete|Update|Remove)(User|Role|AccessKey|Login)/.test(name)
  const own = isEnd ? { ...world, userName: 'fuzz-a', roleName: 'fuzz-a' } : world
  return queryRequest(chance, own, { service: 'iam', version: '2010-05-08', name, members: iam[name] })
}

export function stsRequest(chance, world) {
  const often = ['AssumeRole', 'AssumeRole', 'GetCallerIdentity', 'GetSessionToken', 'GetFederationToken']
  const name = chance.pick([...often, ...Object.keys(sts)])
  return queryRequest(chance, world, { service: 'sts', version: '2011-06-15', name, members: sts[name] })
}

function readFacts(name) {
  return JSON.parse(readFileSync(new URL(`../../../fixtures/aws/${name}.json`, import.meta.url), 'utf8'))
}

function queryRequest(chance, world, { service, version, name, members }) {
  const input = sometimes(chance, inputFor(chance, world, members), mutateJson)
  const form = [['Action', chance.oneIn(60) ? oddText(chance) : name], ['Version', version], ...flattened(input)]
  const changed = form.map(([key, value]) => [
    chance.oneIn(60) ? mutateText(chance, key) : key,
    chance.oneIn(40) ? mutateText(chance, value) : value,
  ])
  if (chance.oneIn(150)) changed.push(...manyItems(chance))
  const signer = chance.oneIn(3) ? world.signers[chance.int(world.signers.length)] : undefined
  if (chance.oneIn(8)) return finish(chance, world, { method: 'GET', path: '/', query: changed, service, signer })
  const text = changed.map((pair) => pair.map((part) => encode(wellFormed(part))).join('=')).join('&')
  const body = chance.oneIn(12) ? mutateBytes(chance, Buffer.from(text)) : Buffer.from(text)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return finish(chance, world, { method: 'POST', path: '/', headers, body, service, signer })
}

/** An input of thousands of members, with numbers that no list has. */
function manyItems(chance) {
  const count = chance.pick([1000, 9000, 20_000])
  const number = (index) => chance.pick([index, 1, 999_999_999, -1])
  return Array.from({ length: count }, (_, index) => [`Tags.member.${number(index)}.Key`, `k${index}`])
}

function inputFor(chance, world, members) {
  const given = Object.entries(members).filter(([, facts]) => facts.required || chance.oneIn(3))
  return Object.fromEntries(given.map(([name, facts]) => [name, valueFor(chance, world, name, facts)]))
}

function valueFor(chance, world, name, facts) {
  const known = knownValues[name]?.(chance, world)
  if (known !== undefined) return known
  if (facts.type === 'integer') return chance.between(facts.min ?? 0, Math.min(facts.max ?? 100, 100_000))
  if (facts.type === 'boolean') return chance.oneIn(2)
  if (facts.type === 'list') return ['a', 'b']
  return chance.oneIn(5) ? oddText(chance) : `text-${chance.int(1000)}`.padEnd(Math.min(facts.min ?? 0, 100), 'x')
}

const tags = (chance) =>
  Array.from({ length: chance.between(1, 3) }, (_, index) => ({ Key: `team${index || ''}`, Value: 'a' }))
const anyArn = (chance, { userArn, roleArn, policyArn }) => chance.pick([userArn, roleArn, policyArn])
const identityPolicies = (chance, world) => [
  policyText(chance, world, 'identity'),
  policyText(chance, world, 'identity'),
]
const newName = (chance) => chance.pick(['fuzz-a', 'fuzz-b', 'FUZZ-A'])

/** Values by member that lead deeper than their type alone would. */
const knownValues = {
  UserName: (chance, { userName }) => chance.pick([userName, 'fuzz-a', 'fuzz-b']),
  RoleName: (chance, { roleName }) => chance.pick([roleName, 'fuzz-a', 'fuzz-b']),
  GroupName: newName,
  InstanceProfileName: newName,
  NewUserName: newName,
  NewGroupName: newName,
  PolicyName: newName,
  Name: newName,
  Path: (chance) => chance.pick(['/', '/a/', '/a/b/']),
  PathPrefix: (chance) => chance.pick(['/', '/a/', '/a']),
  NewPath: () => '/b/',
  PolicyDocument: (chance, world) => policyText(chance, world, 'identity'),
  AssumeRolePolicyDocument: (chance, world) => policyText(chance, world, 'trust'),
  ResourcePolicy: (chance, world) => policyText(chance, world, 'bucket'),
  PolicyInputList: identityPolicies,
  PermissionsBoundaryPolicyInputList: (chance, world) => [policyText(chance, world, 'identity')],
  Policy: (chance, world) => policyText(chance, world, 'identity'),
  PolicyArn: (chance, { policyArn }) =>
    chance.pick([policyArn, policyArn, 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::aws:policy/None']),
  PermissionsBoundary: (_, { policyArn }) => policyArn,
  PolicyArns: (_, { policyArn }) => [{ arn: policyArn }],
  PolicySourceArn: anyArn,
  CallerArn: anyArn,
  RoleArn: (_, { roleArn }) => roleArn,
  ActionNames: () => ['s3:GetObject', 'kms:Decrypt', 'iam:*'],
  ResourceArns: (_, { ruledBucket }) => [`arn:aws:s3:::${ruledBucket}/a`, '*'],
  ContextEntries: (chance) => [
    {
      ContextKeyName: chance.pick(['aws:username', 's3:prefix', 'aws:SourceIp']),
      ContextKeyValues: ['a', '127.0.0.1'],
      ContextKeyType: chance.pick(['string', 'stringList', 'ip', 'numeric', 'date', 'boolean']),
    },
  ],
  Tags: tags,
  TagKeys: () => ['team', 'team1'],
  TransitiveTagKeys: () => ['team'],
  ProvidedContexts: () => [
    { ProviderArn: 'arn:aws:iam::aws:contextProvider/IdentityCenter', ContextAssertion: 'aaaa' },
  ],
  VersionId: (chance) => `v${chance.between(1, 6)}`,
  AccessKeyId: (chance, { signers }) => chance.pick([signers[0].user, signers[1].user, 'AKIAIOSFODNN7EXAMPLE']),
  Status: (chance) => chance.pick(['Active', 'Inactive']),
  Filter: () => ['User', 'LocalManagedPolicy'],
  Scope: (chance) => chance.pick(['All', 'AWS', 'Local']),
  RoleSessionName: () => 'fuzz',
  SourceIdentity: () => 'fuzz',
  MaxItems: (chance) => chance.pick([1, 2, 100, 1000]),
}

/** @returns {[string, string][]} the pairs of a form; without recursion, because some inputs are nested thousands deep */
function flattened(input) {
  const pairs = []
  const left = [['', input]]
  while (left.length > 0) {
    const [name, value] = left.pop()
    if (typeof value !== 'object' || value === null) pairs.push([name || 'x', String(value)])
    else left.push(...below(name, value).reverse())
  }
  return pairs
}

function below(name, value) {
  if (!Array.isArray(value)) return Object.entries(value).map(([key, inner]) => [name ? `${name}.${key}` : key, inner])
  // An empty list is written as an empty value.
  return value.length === 0 ? [[name, '']] : Array.from(value, (item, index) => [`${name}.member.${index + 1}`, item])
}
