import { accessKeyId } from '../../identity/access-key-id.ts'
import { type AccessKey, accessKeys, type Principal, principals } from '../../identity/records.ts'
import { required, structure } from '../../protocol/shapes.ts'
import { arnNamed, nameOf, userOrCaller } from '../entities/entities.ts'
import { change, putAccessKey, revokeAccessKey } from '../entities/principals.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { type IamPlace, iamOperation } from '../operation.ts'
import { pageOf } from '../pages.ts'
import { AccessKeyId, ExistingUserName, paging, Status } from '../shapes.ts'

const on = (call: IamPlace, { UserName }: { UserName?: string }) =>
  UserName === undefined ? call.caller.arn : arnNamed(call, 'user', UserName)

export const CreateAccessKey = iamOperation({
  name: 'CreateAccessKey',
  input: structure({ UserName: ExistingUserName }),
  readOnly: false,
  on: (call, input) => on(call, input),
  handle(call, { UserName }) {
    const user = userOrCaller(call, UserName)
    requireQuota('AccessKeysPerUser', user.accessKeys.length + 1)
    const { ambient } = call.services
    const id = accessKeyId('AKIA', call.accountId, ambient.randomBytes(8))
    const key = { id, secret: ambient.randomBytes(30).toString('base64'), createdAt: call.now }
    putAccessKey(call, user, key)
    const { UserName: name, AccessKeyId, Status, CreateDate } = metadataOf(user, key)
    return { AccessKey: { UserName: name, AccessKeyId, Status, SecretAccessKey: key.secret, CreateDate } }
  },
})

export const ListAccessKeys = iamOperation({
  name: 'ListAccessKeys',
  input: structure({ UserName: ExistingUserName, ...paging }),
  readOnly: true,
  on: (call, input) => on(call, input),
  async handle(call, { UserName, ...asked }) {
    const user = userOrCaller(call, UserName)
    const keys = [...user.accessKeys].sort((a, b) => (a.id < b.id ? -1 : 1))
    const { rows, paging } = await pageOf(keys, asked, ({ id }) => id)
    return { AccessKeyMetadata: rows.map((key) => metadataOf(user, key)), ...paging }
  },
})

export const UpdateAccessKey = iamOperation({
  name: 'UpdateAccessKey',
  input: structure({ UserName: ExistingUserName, AccessKeyId: required(AccessKeyId), Status: required(Status) }),
  readOnly: false,
  on: (call, input) => on(call, input),
  handle(call, { UserName, AccessKeyId, Status }) {
    const user = userOrCaller(call, UserName)
    putAccessKey(call, user, { ...findKey(user, AccessKeyId), isInactive: Status === 'Inactive' })
    return undefined
  },
})

export const DeleteAccessKey = iamOperation({
  name: 'DeleteAccessKey',
  input: structure({ UserName: ExistingUserName, AccessKeyId: required(AccessKeyId) }),
  readOnly: false,
  on: (call, input) => on(call, input),
  handle(call, { UserName, AccessKeyId }) {
    const user = userOrCaller(call, UserName)
    const { id } = findKey(user, AccessKeyId)
    change(call, { ...user, accessKeys: user.accessKeys.filter((key) => key.id !== id) })
    revokeAccessKey(call, user, id)
    return undefined
  },
})

export const GetAccessKeyLastUsed = iamOperation({
  name: 'GetAccessKeyLastUsed',
  input: structure({ AccessKeyId: required(AccessKeyId) }),
  readOnly: true,
  on: () => '*',
  differs: 'Tells of what the trail shows: calls of KMS, IAM and STS, and of S3 as far as they are management calls.',
  async handle(call, { AccessKeyId }) {
    const { services, caller, transaction } = call
    const owner = transaction.get(accessKeys, [AccessKeyId])
    const user = owner && !owner.isDeleted ? transaction.get(principals, [owner.arn]) : undefined
    if (!user || !owner?.arn.startsWith(`arn:aws:iam::${call.accountId}:user/`)) {
      throw iamErrors.AccessDenied(
        `User: ${caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
      )
    }
    const last = await services.trail.lastUse(call.accountId, AccessKeyId)
    const never = { ServiceName: 'N/A', Region: 'N/A' }
    const used = last && {
      LastUsedDate: new Date(last.eventTime),
      ServiceName: last.eventSource.slice(0, last.eventSource.indexOf('.')),
      Region: last.awsRegion,
    }
    return { UserName: nameOf(user), AccessKeyLastUsed: used ?? never }
  },
})

function metadataOf(user: Principal, { id, isInactive, createdAt }: AccessKey) {
  return {
    UserName: nameOf(user),
    AccessKeyId: id,
    Status: isInactive ? 'Inactive' : 'Active',
    CreateDate: new Date(createdAt ?? user.createdAt ?? 0),
  }
}

/** @throws AwsError NoSuchEntity */
function findKey({ accessKeys }: Principal, wanted: string): AccessKey {
  const key = accessKeys.find(({ id }) => id === wanted)
  if (!key) throw iamErrors.NoSuchEntity(`The Access Key with id ${wanted} cannot be found.`)
  return key
}
