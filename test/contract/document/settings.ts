import { exampleBucket, exampleKey } from '../names.ts'
import type { BucketSpec, KeySpec, RoleSpec, Scenario, UserSpec } from '../scenario.ts'
import { code, nameText, shortened, statementsText } from './statements.ts'

/* What is there in a scenario, a line for each principal, bucket and key. */

export function settingLines(scenario: Scenario): string[] {
  const { users = {}, roles = {}, buckets = {}, keys = {}, overPlainHttp } = scenario
  return [
    ...(overPlainHttp ? ['- over plain HTTP'] : []),
    ...Object.entries(users).map(([name, user]) => line(name, principalParts(user))),
    ...Object.entries(roles).map(([name, role]) => line(`role ${name}`, principalParts(role))),
    ...Object.entries(buckets).map(([name, bucket]) => line(bucketName(name), bucketParts(bucket))),
    ...Object.entries(keys).map(([id, key]) => line(keyName(id), keyParts(key))),
  ]
}

const bucketName = (name: string) => (name === exampleBucket ? 'BUCKET' : shortened(name))
const keyName = (id: string) => (id === exampleKey ? 'KEY' : shortened(id))

function line(name: string, parts: readonly string[]): string {
  return `- **${name}**: ${parts.join('. ')}`
}

function principalParts(spec: UserSpec & RoleSpec): string[] {
  const { isForeign, policy, managed, boundary, session, tags, sessionTags } = spec
  const all = [
    isForeign && 'of account 444455556666',
    policy && statementsText(policy),
    managed && `managed policy: ${statementsText(managed)}`,
    boundary && `permissions boundary: ${statementsText(boundary)}`,
    session && `session policy: ${statementsText(session)}`,
    !policy && !managed && 'no identity policy',
    tags && `tags: ${pairs(tags)}`,
    sessionTags && `tags of the session: ${pairs(sessionTags)}`,
  ]
  return said(all)
}

function bucketParts(spec: BucketSpec): string[] {
  const { policy, isOpen, block, ownership, acl, objects, defaultKey, isBucketKeyEnabled } = spec
  const { isVersioned, tags, hasAbac, written = [], uploads = [] } = spec
  const all = [
    policy ? `policy: ${statementsText(policy)}` : 'no policy',
    isOpen && 'public access is not blocked',
    block && `of the public access block ${block} alone is on`,
    ownership && `object ownership ${ownership}`,
    acl && `ACL: ${inputText(acl)}`,
    defaultKey && `default key ${shortened(defaultKey)}${isBucketKeyEnabled ? ', with a bucket key' : ''}`,
    tags && `tags: ${pairs(tags)}${hasAbac ? ', with ABAC on' : ''}`,
    isVersioned && 'with versions',
    objects && objects.length > 0 && `objects: ${objects.map(objectText).join(', ')}`,
    ...written.map(({ by, ...object }) => `${by} wrote ${objectText(object)}`),
    ...uploads.map(
      ({ Key, by = 'the administrator', isStopped }) =>
        `${by} began ${isStopped ? 'and stopped ' : ''}an upload of ${code(Key)}`,
    ),
  ]
  return said(all)
}

function objectText({ Key = 'a', ...more }: NonNullable<BucketSpec['objects']>[number]): string {
  const rest = inputText(more)
  return rest ? `${code(Key)} (${rest})` : code(Key)
}

function keyParts(spec: KeySpec): string[] {
  const { policy, isForeign, grants, tags, alias, state, isMultiRegion } = spec
  const all = [
    isForeign && 'of account 444455556666',
    policy ? `policy: ${statementsText(policy)}` : 'the policy of a new key, which leaves all to IAM',
    ...(grants ?? []).map(grantText),
    tags && `tags: ${pairs(tags)}`,
    alias && `alias ${code(`alias/${alias}`)}`,
    isMultiRegion && 'multi-Region',
    state,
  ]
  return said(all)
}

function grantText({ GranteePrincipal = '', Operations = [], ...more }: NonNullable<KeySpec['grants']>[number]) {
  const rest = inputText(more)
  return `grant of ${Operations.join(', ')} to ${nameText(GranteePrincipal)}${rest ? `, ${rest}` : ''}`
}

/** The members of an input of the SDK, but for bytes. */
export function inputText(input: object): string {
  const members = Object.entries(input).filter(([, value]) => value !== undefined && !(value instanceof Uint8Array))
  return members.map(([name, value]) => `${name} ${code(shortened(asText(value)))}`).join(', ')
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function pairs(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => code(`${key}=${value}`))
    .join(', ')
}

const said = (parts: readonly (string | false | undefined)[]): string[] => parts.filter((one) => !!one).map(String)
