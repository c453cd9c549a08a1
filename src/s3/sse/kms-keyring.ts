import type { Ambient } from '../../ambient.ts'
import { AwsError } from '../../aws/errors.ts'
import type { EncryptionContext, KmsClient } from '../../kms/client.ts'
import type { ForwardedSession } from '../../protocol/http.ts'
import { TimedCache } from './bucket-keys.ts'
import { bucketContext, objectContext } from './encryption-context.ts'
import type { SealTarget, Session } from './envelope.ts'
import { sseErrors } from './errors.ts'

/** A data key of KMS: to seal object keys with, and as KMS sealed it. */
export interface DataKey {
  keyArn: string
  plaintext: Buffer
  /** base64 */
  encrypted: string
}

/** A key as a write names it. */
export interface KmsKeyChoice {
  keyId: string
  /** The caller's own pairs. */
  context: EncryptionContext
  bucketKey: boolean
}

/** A data key as a record has it. */
export interface EncryptedDataKey {
  encrypted: string
  context: EncryptionContext | undefined
  bucketKey: boolean
}

/** The only way from S3 to KMS. Every call is made in the name of S3's caller, as a forward access session. */
export class KmsKeyring {
  readonly #kms: KmsClient
  readonly #generated: TimedCache<DataKey>
  readonly #opened: TimedCache<Buffer>

  constructor(kms: KmsClient, ambient: Ambient, bucketKeyLifetime: number) {
    this.#kms = kms
    this.#generated = new TimedCache(ambient, bucketKeyLifetime)
    this.#opened = new TimedCache(ambient, bucketKeyLifetime)
  }

  /**
   * A new data key; with a bucket key, the one that serves this principal for the time being.
   * @throws AwsError as S3 passes KMS's refusals on
   */
  generateDataKey(choice: KmsKeyChoice, target: SealTarget, session: Session): Promise<DataKey> {
    if (!choice.bucketKey) return this.#generate(choice.keyId, objectContext(choice.context, target), session)
    return this.#generated.get(this.#nameOf(target, choice.keyId, session), async () => {
      const made = await this.#generate(choice.keyId, bucketContext(target), session)
      this.#opened.put(this.#nameOf(target, made.encrypted, session), made.plaintext)
      return made
    })
  }

  /**
   * Opens a data key. `aws:s3:arn` follows from the bucket and key that were addressed: a record that was moved does not open.
   * @throws AwsError as S3 passes KMS's refusals on
   */
  decryptDataKey(dataKey: EncryptedDataKey, target: SealTarget, session: Session): Promise<Buffer> {
    if (!dataKey.bucketKey) return this.#decrypt(dataKey.encrypted, objectContext(dataKey.context, target), session)
    return this.#opened.get(this.#nameOf(target, dataKey.encrypted, session), () =>
      this.#decrypt(dataKey.encrypted, bucketContext(target), session),
    )
  }

  async #generate(keyId: string, context: EncryptionContext, session: Session): Promise<DataKey> {
    const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context } as const
    try {
      const answer = await this.#kms.generateDataKey(input, forwarded(session))
      return {
        keyArn: answer.KeyId,
        plaintext: answer.Plaintext,
        encrypted: answer.CiphertextBlob.toString('base64'),
      }
    } catch (error) {
      throw asS3Tells(error)
    }
  }

  async #decrypt(encrypted: string, context: EncryptionContext, session: Session): Promise<Buffer> {
    const CiphertextBlob = Buffer.from(encrypted, 'base64')
    try {
      const answer = await this.#kms.decrypt({ CiphertextBlob, EncryptionContext: context }, forwarded(session))
      return answer.Plaintext
    } catch (error) {
      throw asS3Tells(error)
    }
  }

  #nameOf({ bucket }: SealTarget, key: string, { authentication, region }: Session): string[] {
    const { arn, role, accessKeyId = '', source } = authentication.caller
    // Sessions of one name may have been given different permissions, and services have no ARN.
    return [bucket, region, key, arn, role ? accessKeyId : (source?.arn ?? '')]
  }
}

function forwarded({ authentication, region, requestId }: Session): ForwardedSession {
  return { caller: authentication.caller, region, service: 's3', requestId }
}

/**
 * KMS's refusal as S3 passes it on: `KMS.` and its code, its message, 400; a missing permission is AccessDenied (evidence:
 * sse-kms-refusals). That KMS throttles is said as S3 says it of itself (evidence: sse-kms-throttled).
 */
function asS3Tells(error: unknown): unknown {
  if (!(error instanceof AwsError)) return error
  if (error.code === 'AccessDeniedException') return sseErrors.AccessDenied(error.message)
  if (error.code === 'ThrottlingException') return sseErrors.SlowDown()
  if (error.status >= 500) return sseErrors.InternalError()
  return new AwsError(`KMS.${error.code}`, error.message, 400)
}
