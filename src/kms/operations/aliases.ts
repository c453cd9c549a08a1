import { aliasArn } from '../../aws/arn.ts'
import { required, structure } from '../../protocol/shapes.ts'
import { invisible } from '../access/access-denied.ts'
import { kmsErrors } from '../errors.ts'
import { keyStates, notPendingDeletion } from '../key-state.ts'
import { type KeyRecord, seconds } from '../keys/key.ts'
import { aliasNotFound } from '../keys/key-identifier.ts'
import { type AliasRecord, deleteAlias, findAlias, listAliases, listAliasesOfKey, putAlias } from '../keys/key-store.ts'
import { predefinedAliases } from '../keys/predefined-aliases.ts'
import { type KeyDemand, type KeyTarget, type KmsCall, kmsOperation } from '../operation.ts'
import { limited, pageOf, positionOfMarker } from '../pages.ts'
import { AliasName, KeyId, Limit, Marker } from '../shapes.ts'

const pageLimit = { usual: 50, most: 100 } as const
const aliasesPerKey = 50

export const CreateAlias = kmsOperation({
  name: 'CreateAlias',
  input: structure({ AliasName: required(AliasName), TargetKeyId: required(KeyId) }),
  readOnly: false,
  check(input) {
    checkName(input.AliasName)
    refuseAliasAsTarget(input.TargetKeyId)
  },
  keys: (input) => [{ identifier: input.TargetKeyId }],
  changesAlias: (input) => input.AliasName,
  usableIn: notPendingDeletion,
  audit: { request: ['AliasName', 'TargetKeyId'] },
  async handle(call, { input, targets: [{ key }] }) {
    const { transaction, place, now } = call
    requireOwnKey(call, key)
    if (findAlias(transaction, place, input.AliasName, now)) {
      const arn = aliasArn(place.region, place.accountId, input.AliasName)
      throw kmsErrors.AlreadyExistsException(`An alias with the name ${arn} already exists`)
    }
    await refuseTooManyAliases(call, key)
    putAlias(transaction, place, input.AliasName, { targetKeyId: key.keyId, creationDate: now, lastUpdatedDate: now })
    return undefined
  },
})

export const UpdateAlias = kmsOperation({
  name: 'UpdateAlias',
  input: structure({ AliasName: required(AliasName), TargetKeyId: required(KeyId) }),
  readOnly: false,
  check(input) {
    checkName(input.AliasName)
    refuseAliasAsTarget(input.TargetKeyId)
  },
  // The alias's old key is asked about too, whatever its state.
  keys: (input) => [{ identifier: input.TargetKeyId }, { identifier: input.AliasName, usableIn: keyStates }],
  changesAlias: (input) => input.AliasName,
  usableIn: notPendingDeletion,
  audit: { request: ['AliasName', 'TargetKeyId'] },
  async handle(call, { input, targets: [{ key: target }, { key: old }] }) {
    const { transaction, place, now } = call
    requireOwnKey(call, target)
    const alias = findAlias(transaction, place, input.AliasName, now)
    if (!alias) throw aliasNotFound(place, input.AliasName)
    if (target.keySpec !== old.keySpec || target.keyUsage !== old.keyUsage) {
      throw kmsErrors.ValidationException('The current and the new key of an alias must be of the same type and usage.')
    }
    if (target.keyId !== alias.targetKeyId) await refuseTooManyAliases(call, target)
    putAlias(transaction, place, input.AliasName, { ...alias, targetKeyId: target.keyId, lastUpdatedDate: now })
    return undefined
  },
})

export const DeleteAlias = kmsOperation({
  name: 'DeleteAlias',
  input: structure({ AliasName: required(AliasName) }),
  readOnly: false,
  check: (input) => checkName(input.AliasName),
  keys: (input) => [{ identifier: input.AliasName }],
  changesAlias: (input) => input.AliasName,
  audit: { request: ['AliasName'] },
  handle({ transaction, place, now }, { input }) {
    if (!findAlias(transaction, place, input.AliasName, now)) throw aliasNotFound(place, input.AliasName)
    deleteAlias(transaction, place, input.AliasName)
    return undefined
  },
})

export const ListAliases = kmsOperation({
  name: 'ListAliases',
  input: structure({ KeyId, Limit, Marker }),
  readOnly: true,
  differs: 'The predefined aliases are those of thirteen services, of which only S3 uses its own.',
  keys: (input): readonly KeyDemand[] => (input.KeyId === undefined ? [] : [{ identifier: input.KeyId }]),
  permission: 'account',
  audit: { request: ['KeyId', 'Limit', 'Marker'] },
  async handle(call, { input, targets: [target] }) {
    const { transaction, place } = call
    if (target) refuseForeignKey(call, target)
    const after = positionOfMarker(input.Marker)
    const aliases = target ? listAliasesOfKey(transaction, target.key, after) : allAliases(call, after)
    const limit = limited(input.Limit, pageLimit)
    const { rows, ...paging } = await pageOf(aliases, limit, ({ name }) => name)
    const Aliases = rows.map(({ name, alias }) => ({
      AliasName: name,
      AliasArn: aliasArn(place.region, place.accountId, name),
      ...(alias && {
        TargetKeyId: alias.targetKeyId,
        CreationDate: seconds(alias.creationDate),
        LastUpdatedDate: seconds(alias.lastUpdatedDate),
      }),
    }))
    return { output: { Aliases, ...paging } }
  },
})

interface ListedAlias {
  name: string
  /** Undefined: a predefined alias whose key nobody needed yet (evidence: kms-predefined-aliases). */
  alias?: AliasRecord
}

/** The account's aliases and the predefined ones, in order of their names. */
async function* allAliases({ transaction, place, now }: KmsCall, after = ''): AsyncGenerator<ListedAlias> {
  const waiting = predefinedAliases.filter((name) => name > after && !findAlias(transaction, place, name, now))
  for await (const listed of listAliases(transaction, place, now, after)) {
    while (waiting[0] !== undefined && waiting[0] < listed.name) yield { name: waiting.shift() ?? '' }
    yield listed
  }
  for (const name of waiting) yield { name }
}

function checkName(name: string): void {
  if (!name.startsWith('alias/') || name === 'alias/') {
    throw kmsErrors.ValidationException(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    )
  }
  // Reserved for AWS managed keys (evidence: kms-alias-aws).
  if (name.startsWith('alias/aws/')) throw kmsErrors.NotAuthorizedException('')
  // The model's pattern takes colons, an alias name does not (KMS Developer Guide).
  if (name.includes(':')) throw kmsErrors.InvalidAliasNameException(`${name} contains invalid characters for an alias`)
}

function refuseAliasAsTarget(identifier: string): void {
  if (!/^(?:alias\/|arn:[^/]*:alias\/)/.test(identifier)) return
  throw kmsErrors.ValidationException('Aliases must refer to keys. Not aliases')
}

/** An alias and its key belong to one account, and never to AWS. */
function requireOwnKey({ place }: KmsCall, key: KeyRecord): void {
  if (key.accountId !== place.accountId || key.keyManager !== 'CUSTOMER') throw kmsErrors.NotAuthorizedException('')
}

/** The aliases of another account's key are that account's to see (evidence: kms-own-account). */
function refuseForeignKey({ context, place }: KmsCall, { key, action }: KeyTarget): void {
  if (key.accountId !== place.accountId) throw invisible(context.caller.arn, action)
}

async function refuseTooManyAliases({ transaction }: KmsCall, key: KeyRecord): Promise<void> {
  let count = 0
  for await (const _ of listAliasesOfKey(transaction, key)) count++
  if (count >= aliasesPerKey) throw kmsErrors.LimitExceededException(`A key has at most ${aliasesPerKey} aliases.`)
}
