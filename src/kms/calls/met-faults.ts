import type { ActiveFaults, AnswerFault } from '../../fault-source.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import type { KmsCall, KmsOperation } from '../operation.ts'
import type { SharedMembers } from '../shapes.ts'
import { find, type KeyLocation } from './key-resolution.ts'

interface MetCall {
  operation: KmsOperation
  call: KmsCall
  /** The input in its normal form. */
  normal: SharedMembers
  locations: readonly KeyLocation[]
  /** Gets the keys of a call that is refused: its event shows them. */
  progress: { readonly keys: KeyRecord[] }
}

/**
 * Has a call meet what is to go wrong on purpose, once its keys are known and before anybody asks whether it may.
 * @returns what is to become of its answer
 * @throws AwsError that it is refused with; ConnectionReset
 */
export async function meetFaults(
  faults: ActiveFaults,
  { operation, call, normal, locations, progress }: MetCall,
): Promise<AnswerFault | undefined> {
  const keys = locations.flatMap((location) => (location.firstUseOf === undefined ? [find(call, location)] : []))
  const { caller, region, via } = call.context
  const named = [normal.KeyId, ...locations.map(({ demand }) => demand.identifier)].filter((name) => name !== undefined)
  try {
    return await faults.meet({
      service: 'kms',
      operation: operation.name,
      region,
      principalArn: caller.arn,
      keys: [...keys.map(arnOf), ...named],
      via,
      ...objectOf(normal.EncryptionContext),
    })
  } catch (error) {
    progress.keys.push(...keys)
    throw error
  }
}

const bucketArn = /^arn:[^:]+:s3:::([^/]+)(?:\/(.*))?$/s

/** S3 names bucket and object in the encryption context; under a bucket key the bucket alone. */
function objectOf(context: Readonly<Record<string, string>> = {}): { bucket?: string; objectKey?: string } {
  const [, bucket, objectKey] = bucketArn.exec(context['aws:s3:arn'] ?? '') ?? []
  return { bucket, objectKey }
}
