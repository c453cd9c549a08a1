import { boolean, required, string, structure } from '../../protocol/shapes.ts'
import type { TrailResource } from '../../trail/event.ts'
import { outcomeOf } from '../calls/audit.ts'
import { ask, refuseLockout } from '../calls/permission.ts'
import { removeKey } from '../chores/key-removal.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord, type MultiRegion, rotationPaused, rotationResumed, stateOf } from '../keys/key.ts'
import { keyNotFound } from '../keys/key-identifier.ts'
import { metadataOf } from '../keys/key-metadata.ts'
import { checkPolicyDocument, defaultPolicy } from '../keys/key-policy.ts'
import { findKey, putKey, storedKey } from '../keys/key-store.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { Description, KeyId, Policy, Tags } from '../shapes.ts'
import { CreateKey } from './keys.ts'
import { checkTags } from './tags.ts'

/*
 * A multi-Region key is one record in each Region, all under one id and one lock. What they share (material, rotation, who
 * is primary) is written to all of them in one commit, so what takes seconds on AWS is done at once here: ReplicateKey
 * answers `Creating`, as AWS does, and the key is Enabled from then on; `Updating` is never seen.
 */

const Region = string({ min: 1, max: 32, pattern: '^([a-z]+-){2,3}\\d+$' })

export const ReplicateKey = kmsOperation({
  name: 'ReplicateKey',
  input: structure({
    KeyId: required(KeyId),
    ReplicaRegion: required(Region),
    Policy,
    BypassPolicyLockoutSafetyCheck: boolean(),
    Description,
    Tags,
  }),
  readOnly: false,
  differs: '`Creating` is answered as on AWS, and the replica can be used at once.',
  check(input) {
    if (input.Policy !== undefined) checkPolicyDocument(input.Policy)
    checkTags([], input.Tags ?? [])
  },
  keys: (input) => [{ identifier: input.KeyId }],
  // ReplicateKey's API reference: in the replica's Region a key is created, and tagged.
  alsoNeeds: ({ Tags = [] }) => (Tags.length > 0 ? ['kms:CreateKey', 'kms:TagResource'] : ['kms:CreateKey']),
  changesKeys: true,
  usableIn: ['Enabled'],
  audit: {
    request: ['KeyId', 'ReplicaRegion', 'Policy', 'BypassPolicyLockoutSafetyCheck', 'Description', 'Tags'],
    response: ['ReplicaKeyMetadata', 'ReplicaPolicy', 'ReplicaTags'],
  },
  async handle(call, { ReplicaRegion: region, ...input }) {
    const { key, transaction, now } = call
    const multiRegion = setLedBy(key)
    if (input.Policy !== undefined) refuseLockout(call, 'ReplicateKey', input, input.Policy)
    if (region === key.region || findKey(transaction, region, key.keyId, now)) {
      throw kmsErrors.AlreadyExistsException(`The key ${key.keyId} already exists in the Region ${region}.`)
    }
    const set = { ...multiRegion, replicas: [...multiRegion.replicas, { region }] }
    const replica: KeyRecord = {
      ...key,
      region,
      multiRegion: set,
      creationDate: now,
      description: input.Description ?? '',
      policy: input.Policy ?? defaultPolicy(key.accountId),
      tags: input.Tags ?? [],
      // Imported material is imported into each key of the set.
      imports: undefined,
      descriptions: undefined,
    }
    // A replica whose deletion was due, but which nobody swept yet, leaves with its aliases and grants.
    const gone = storedKey(transaction, region, key.keyId)
    if (gone) await removeKey(transaction, gone)
    putKey(transaction, replica)
    putKey(transaction, { ...key, multiRegion: set })
    recordCreation(call, replica)
    const ReplicaKeyMetadata = { ...metadataOf(replica), KeyState: 'Creating', Enabled: false }
    return { ReplicaKeyMetadata, ReplicaPolicy: replica.policy, ReplicaTags: replica.tags }
  },
})

export const UpdatePrimaryRegion = kmsOperation({
  name: 'UpdatePrimaryRegion',
  input: structure({ KeyId: required(KeyId), PrimaryRegion: required(Region) }),
  readOnly: false,
  differs: 'Done at once, without the state `Updating`.',
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: ['Enabled'],
  audit: { request: ['KeyId', 'PrimaryRegion'] },
  async handle(call, input) {
    const { PrimaryRegion: region } = input
    const { key, transaction, now } = call
    const multiRegion = setLedBy(key)
    if (region === key.region) {
      throw kmsErrors.ValidationException(`The key's primary Region is ${region} already.`)
    }
    const next = findKey(transaction, region, key.keyId, now)
    if (!next) throw keyNotFound({ ...key, region })
    await requirePermission(call, input, next)
    if (stateOf(next) === 'PendingDeletion')
      throw kmsErrors.KMSInvalidStateException(`${arnOf(next)} is pending deletion.`)
    const others = multiRegion.replicas.filter((replica) => replica.region !== region)
    const set = { primaryRegion: region, replicas: [...others, { region: key.region }] }
    const rotation = stateOf(next) === 'Enabled' ? rotationResumed(key, now) : rotationPaused(key)
    putKey(transaction, { ...next, ...rotation, multiRegion: set })
    return undefined
  },
})

/** The trail of the replica's Region has a CreateKey (ReplicateKey's API reference). */
function recordCreation(call: KmsCall, replica: KeyRecord): void {
  const { region, description, keySpec, keyUsage, origin, policy, tags } = replica
  const input = {
    Policy: policy,
    Description: description,
    KeyUsage: keyUsage,
    CustomerMasterKeySpec: keySpec,
    KeySpec: keySpec,
    Origin: origin,
    Tags: tags,
    MultiRegion: true,
  }
  const outcome = outcomeOf(CreateKey, call, { input, output: { KeyMetadata: metadataOf(replica) } })
  const resources: TrailResource[] = [{ accountId: replica.accountId, type: 'AWS::KMS::Key', ARN: arnOf(replica) }]
  call.services.trail.append(call.transaction, { ...outcome, region, resources })
}

/** The replica's own policy is asked too (UpdatePrimaryRegion's API reference). */
async function requirePermission(call: KmsCall, input: object, key: KeyRecord): Promise<void> {
  if (call.context.fixture) return
  const operation = UpdatePrimaryRegion.name
  const context = { ...call.context, region: key.region }
  await ask(call, { context, now: call.now, operation, input, action: `kms:${operation}`, resource: arnOf(key), key })
}

/** The set whose primary key this is. */
function setLedBy(key: KeyRecord): MultiRegion {
  if (key.multiRegion?.primaryRegion === key.region) return key.multiRegion
  throw kmsErrors.UnsupportedOperationException(`${arnOf(key)} is not a multi-region primary key.`)
}
