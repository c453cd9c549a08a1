import type { Told } from '../../access/ruling.ts'
import { tell } from '../../access/ruling.ts'
import { parseArn } from '../../aws/arn.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import type { Services } from '../../services.ts'
import { LabRefusal } from '../refusal.ts'
import { callerOf } from './caller-of.ts'
import { requireAction, requireResource } from './known-actions.ts'
import type { Question } from './question.ts'

/** What would be answered, and all that was weighed. */
export interface Answer extends Told {
  /** The caller's ARN; empty of nobody. */
  caller: string
}

/**
 * Asks the evaluators of KMS and S3 about a call that was never made: it leaves no event.
 * @throws LabRefusal
 */
export async function whyNot(services: Services, question: Question): Promise<Answer> {
  const { inProcess, ask } = services
  const { principals, accountId, ambient, region } = inProcess
  const caller = callerOf({ principals, accountId, now: ambient.now() }, question.principal)
  const { action, resource } = question
  requireAction(action)
  if (/^kms:\w+$/i.test(action)) {
    const { encryptionContext, via } = question
    const place = parseArn(resource)?.region || region
    const ruling = await ask.kms({ caller, action, key: resource, encryptionContext, via, region: place })
    if (!ruling) throw new LabRefusal('absent', `There is no KMS key ${resource}`)
    return { caller: caller.arn, ...tell(ruling) }
  }
  if (!/^s3:\w+$/i.test(action))
    throw new LabRefusal('wrong', `${action} is no action of KMS or S3, such as kms:Decrypt`)
  if (resource !== '*' && !resource.startsWith('arn:aws:s3:::')) {
    throw new LabRefusal('wrong', `${resource} is no ARN of a bucket or an object, such as arn:aws:s3:::bucket/key`)
  }
  const named = resource.replace('arn:aws:s3:::', '')
  if (resource !== '*') requireResource(action, named)
  const [bucket = ''] = named.split('/')
  const isToCome = resource === '*' || action.toLowerCase() === 's3:createbucket'
  // Without the bucket's owner and policy the answer would be another one than that to the call.
  if (!isToCome && !inProcess.database.get(bucketRecords, [bucket])) {
    throw new LabRefusal('absent', `There is no bucket ${bucket}`)
  }
  return { caller: caller.arn, ...tell(ask.s3({ caller, action, resource })) }
}
