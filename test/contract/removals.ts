import {
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam'
import {
  DeleteAliasCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3'
import { type Kind, type Made, runTag } from './journal.ts'
import type { AdministratorClients } from './target.ts'

/* How what was made is taken away again. What is not there any more is away. */

/** Days; KMS allows no fewer. A key that waits for its deletion costs nothing. */
export const PendingWindowInDays = 7

type Remove = (clients: AdministratorClients, name: string, of: string) => Promise<unknown>

const removals: Readonly<Record<Kind, Remove>> = {
  user: removeUser,
  'user-access-key': ({ iam }, AccessKeyId, UserName) =>
    iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })),
  'user-policy': ({ iam }, PolicyName, UserName) => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
  'user-attachment': ({ iam }, PolicyArn, UserName) => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
  role: ({ iam }, RoleName) => iam.send(new DeleteRoleCommand({ RoleName })),
  'role-policy': ({ iam }, PolicyName, RoleName) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
  'role-attachment': ({ iam }, PolicyArn, RoleName) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
  policy: ({ iam }, PolicyArn) => iam.send(new DeletePolicyCommand({ PolicyArn })),
  bucket: removeBucket,
  key: ({ kms }, KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })),
  alias: ({ kms }, AliasName) => kms.send(new DeleteAliasCommand({ AliasName })),
}

/** Codes of what is away already; a key that waits for its deletion is. */
const away = new Set([
  ...['NoSuchEntity', 'NoSuchEntityException', 'NoSuchBucket', 'NoSuchBucketPolicy', 'NoSuchUpload'],
  ...['NotFoundException', 'KMSInvalidStateException'],
])

/**
 * The last first, managed policies at the end: while one is somebody's boundary it cannot go. What cannot be taken away keeps nothing else
 * from it.
 * @param clientsOf the administrator of the account that something is in; undefined where there is none
 * @returns what stayed, and why
 */
export async function removeAll(
  made: readonly Made[],
  clientsOf: (made: Made) => AdministratorClients | undefined,
): Promise<string[]> {
  const isPolicy = ({ kind }: Made) => kind === 'policy'
  const backwards = made.toReversed()
  const left: string[] = []
  for (const one of [...backwards.filter((each) => !isPolicy(each)), ...backwards.filter(isPolicy)]) {
    const why = await remove(one, clientsOf(one))
    if (why) left.push(`${one.kind} ${one.name}: ${why}`)
  }
  return left
}

async function remove(
  { kind, name, of = '' }: Made,
  clients: AdministratorClients | undefined,
): Promise<string | undefined> {
  if (!clients) return 'it is in the second account, which was not given'
  try {
    await removals[kind](clients, name, of)
    return undefined
  } catch (error) {
    return error instanceof Error && away.has(error.name) ? undefined : String(error)
  }
}

/** Its access key has an id that a run that was killed may not have learnt. */
async function removeUser({ iam }: AdministratorClients, UserName: string): Promise<void> {
  try {
    await iam.send(new DeleteUserCommand({ UserName }))
  } catch (error) {
    if (!(error instanceof Error && error.name === 'DeleteConflictException')) throw error
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }))
    for (const { AccessKeyId } of AccessKeyMetadata)
      await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))
    await iam.send(new DeleteUserCommand({ UserName }))
  }
}

async function removeBucket({ s3 }: AdministratorClients, Bucket: string): Promise<void> {
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }))
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }))
  for (const { Key, UploadId } of Uploads) await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
  }
  await s3.send(new DeleteBucketCommand({ Bucket }))
}

/** The keys of a run that was killed, by their tag: it may not have learnt the id of the last ones. */
export async function keysOfRun({ kms }: AdministratorClients, run: string): Promise<string[]> {
  const found: string[] = []
  let Marker: string | undefined
  do {
    const { Keys = [], NextMarker } = await kms.send(new ListKeysCommand({ Marker }))
    for (const { KeyId = '' } of Keys) if (await isOfRun(KeyId)) found.push(KeyId)
    Marker = NextMarker
  } while (Marker)
  return found

  async function isOfRun(KeyId: string): Promise<boolean> {
    // Keys of AWS's own, and keys whose policy leaves this administrator out, are nobody's here.
    const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId })).catch(() => ({ Tags: [] }))
    return Tags.some(({ TagKey, TagValue }) => TagKey === runTag && TagValue === run)
  }
}
