import { kmsOperationNames } from '../../kms/service.ts'
import { kindOf } from '../../s3/bucket-policy/actions.ts'
import { LabRefusal } from '../refusal.ts'

/** About no bucket that is there, so no bucket policy names them. */
const s3Alone = new Set(['s3:createbucket', 's3:listallmybuckets'])

/** Asked for on the way of operations that have other names. */
const kmsAlone = ['ReEncryptFrom', 'ReEncryptTo', 'SynchronizeMultiRegionKey']

/**
 * An administrator is let do what no policy could name, so a name with a slip in it would be answered as if it were one.
 * @param action `kms:Decrypt`, in any case
 * @throws LabRefusal where neither KMS nor S3 has it
 */
export function requireAction(action: string): void {
  const name = action.toLowerCase()
  if (/^kms:\w+$/.test(name) && !kmsActions().has(name)) throw unknown(action, 'KMS', 'kms:ReEncryptFrom for ReEncrypt')
  if (!/^s3:\w+$/.test(name)) return
  if (kindOf(name) === undefined && !s3Alone.has(name)) throw unknown(action, 'S3', 's3:ListBucket for ListObjectsV2')
}

/**
 * @param resource behind `arn:aws:s3:::`
 * @throws LabRefusal where the action is about the other kind, bucket or object
 */
export function requireResource(action: string, resource: string): void {
  const kind = kindOf(action.toLowerCase())
  if (kind === 'object' && !resource.includes('/'))
    throw new LabRefusal('wrong', `${action} is about an object: arn:aws:s3:::${resource}/KEY`)
  if (kind === 'bucket' && resource.includes('/'))
    throw new LabRefusal(
      'wrong',
      `${action} is about a bucket: arn:aws:s3:::${resource.slice(0, resource.indexOf('/'))}`,
    )
}

function kmsActions(): ReadonlySet<string> {
  const names = kmsOperationNames().filter((name) => name !== 'ReEncrypt')
  return new Set([...names, ...kmsAlone].map((name) => `kms:${name.toLowerCase()}`))
}

function unknown(action: string, service: string, example: string): LabRefusal {
  const names = `IAM’s names are not always those of operations, as ${example}`
  return new LabRefusal('wrong', `${service} has no action ${action}: ${names}`)
}
