import { boolean, required, string, structure } from '../../protocol/shapes.ts'
import { outcomeOf } from '../calls/audit.ts'
import { refuseLockout } from '../calls/permission.ts'
import { removeKey } from '../chores/key-removal.ts'
import { kmsErrors } from '../errors.ts'
import {
  arnOf,
  type KeyRecord,
  type MultiRegion,
  rotationPaused,
  rotationResumed,
  stateOf,
  type Tag,
} from '../keys/key.ts'
import { keyNotFound } from '../keys/key-identifier.ts'
import { metadataOf } from '../keys/key-metadata.ts'
import { checkPolicyDocument, defaultPolicy } from '../keys/key-policy.ts'
import { findKey, putKey, storedKey } from '../keys/key-store.ts'
import { type KmsCall, type KmsOperation, kmsOperation } from '../operation.ts'
import { Description, KeyId, Policy, Tags } from '../shapes.ts'
import { CreateKey } from './keys.ts'
import { checkTags } from './tags.ts'

/*
 * A multi-Region key is one record in each Region, all under one id and one lock. What they share (material, rotation, who
 * is primary) is written to all of them in one commit, so what takes seconds on AWS is done at once here: ReplicateKey
 * answers `Creating`, as AWS does, and the key is Enabled from then on; `Updating` is never seen.
 */

const Region = string({ min: 1, max: 32, pattern: '^([a-z]+-){2,3}\\d+$' })

export const ReplicateKey: KmsOperation = kmsOperation({
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
  // ReplicateKey's API reference: in the replica's Region a key is created, and tagged. What is asked is what CreateKey asks
  // there, so that conditions on the Region and on what is created hold for replicas too.
  alsoAsks({ context }, { input, targets: [{ key }] }) {
    const facts = {
      context: { ...context, region: input.ReplicaRegion },
      input: creationOf(key, input),
      conditionKeys: CreateKey.conditionKeys,
      resource: '*',
    }
    const creation = { ...facts, action: 'kms:CreateKey' }
    const isTagged = input.Tags !== undefined && input.Tags.length > 0
    return isTagged ? [creation, { ...facts, action: 'kms:TagResource' }] : [creation]
  },
  conditionKeys: ({ ReplicaRegion, BypassPolicyLockoutSafetyCheck: bypasses = false }) => ({
    'kms:ReplicaRegion': ReplicaRegion,
    'kms:BypassPolicyLockoutSafetyCheck': bypasses,
  }),
  changesKeys: true,
  usableIn: ['Enabled'],
  audit: {
    request: ['KeyId', 'ReplicaRegion', 'Policy', 'BypassPolicyLockoutSafetyCheck', 'Description', 'Tags'],
    response: ['ReplicaKeyMetadata', 'ReplicaPolicy', 'ReplicaTags'],
  },
  async handle(call, { input, targets: [{ key }] }) {
    const { transaction, now } = call
    const { ReplicaRegion: region } = input
    const multiRegion = setLedBy(key)
    refuseLockout(ReplicateKey, call, input, key)
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
    // What is empty, and what a key that is still being created does not know yet, is left out.
    const { CurrentKeyMaterialId: _, ...metadata } = metadataOf(replica)
    const ReplicaKeyMetadata = { ...metadata, KeyState: 'Creating', Enabled: false }
    const ReplicaTags = replica.tags.length > 0 ? replica.tags : undefined
    return { output: { ReplicaKeyMetadata, ReplicaPolicy: replica.policy, ReplicaTags } }
  },
})

export const UpdatePrimaryRegion = kmsOperation({
  name: 'UpdatePrimaryRegion',
  input: structure({ KeyId: required(KeyId), PrimaryRegion: required(Region) }),
  readOnly: false,
  differs: 'Done at once, without the state `Updating`.',
  keys: (input) => [{ identifier: input.KeyId }],
  // The replica's own policy is asked too (UpdatePrimaryRegion's API reference).
  alsoAsks({ context, transaction, now }, { input: { PrimaryRegion: region }, targets: [{ key }] }) {
    const next = findKey(transaction, region, key.keyId, now)
    if (!next || region === key.region) return []
    const action = 'kms:UpdatePrimaryRegion'
    return [{ context: { ...context, region }, action, resource: arnOf(next), key: next }]
  },
  conditionKeys: ({ PrimaryRegion }) => ({ 'kms:PrimaryRegion': PrimaryRegion }),
  changesKeys: true,
  usableIn: ['Enabled'],
  audit: { request: ['KeyId', 'PrimaryRegion'] },
  handle({ transaction, now }, { input: { PrimaryRegion: region }, targets: [{ key }] }) {
    const multiRegion = setLedBy(key)
    if (region === key.region) {
      throw kmsErrors.ValidationException(`The key's primary Region is ${region} already.`)
    }
    const next = findKey(transaction, region, key.keyId, now)
    if (!next) throw keyNotFound({ ...key, region })
    if (stateOf(next) === 'PendingDeletion')
      throw kmsErrors.KMSInvalidStateException(`${arnOf(next)} is pending deletion.`)
    const others = multiRegion.replicas.filter((replica) => replica.region !== region)
    const set = { primaryRegion: region, replicas: [...others, { region: key.region }] }
    const rotation = stateOf(next) === 'Enabled' ? rotationResumed(key, now) : rotationPaused(key)
    putKey(transaction, { ...next, ...rotation, multiRegion: set })
    return undefined
  },
})

interface ReplicaRequest {
  Policy?: string
  Description?: string
  Tags?: Tag[]
  BypassPolicyLockoutSafetyCheck?: boolean
}

/** What CreateKey would be sent for a replica of this key. */
function creationOf({ keySpec, keyUsage, origin }: KeyRecord, request: ReplicaRequest) {
  const { Policy, Description, Tags, BypassPolicyLockoutSafetyCheck } = request
  return {
    Policy,
    Description,
    KeyUsage: keyUsage,
    CustomerMasterKeySpec: keySpec,
    KeySpec: keySpec,
    Origin: origin,
    BypassPolicyLockoutSafetyCheck,
    Tags,
    MultiRegion: true,
  }
}

/** The trail of the replica's Region has a CreateKey (ReplicateKey's API reference). */
function recordCreation(call: KmsCall, replica: KeyRecord): void {
  const { region, description: Description, policy: Policy, tags: Tags } = replica
  const input = { ...creationOf(replica, { Policy, Description, Tags }), BypassPolicyLockoutSafetyCheck: false }
  const result = { output: { KeyMetadata: metadataOf(replica) } }
  const outcome = outcomeOf(CreateKey, call, { input, result, keys: [replica] })
  call.services.trail.append(call.transaction, { ...outcome, region })
}

/** The set whose primary key this is. */
function setLedBy(key: KeyRecord): MultiRegion {
  if (key.multiRegion?.primaryRegion === key.region) return key.multiRegion
  throw kmsErrors.UnsupportedOperationException(`${arnOf(key)} is not a multi-region primary key.`)
}
