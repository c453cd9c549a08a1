import { anonymousCaller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import type { EncryptionContext, KmsClient } from '../../kms/client.ts'
import type { Envelope, EnvelopeRecord, SealTarget, Session } from './envelope.ts'
import { createEnvelopes, type EnvelopeServices } from './envelopes.ts'

/** What opens data keys without asking anybody. */
export interface Unsealer {
  unseal(ciphertext: Buffer, context: EncryptionContext | undefined, region: string): Buffer | undefined
}

/**
 * Opens an object's envelope for the emulator's own tools: no policy is asked, and KMS has no event of it.
 * @param region of the bucket
 * @returns undefined where its KMS key is gone; what only a customer's key opens has a manifest, and opens no body
 * @throws NotAuthentic where the record was changed
 */
export async function openUnasked(
  services: Omit<EnvelopeServices, 'kms'>,
  unsealer: Unsealer,
  record: EnvelopeRecord,
  target: SealTarget,
  region: string,
): Promise<Envelope | undefined> {
  const envelopes = createEnvelopes({ ...services, kms: clientOf(unsealer) })
  try {
    return await envelopes.openEnvelope(record, target, undefined, nobody(region))
  } catch (error) {
    if (error instanceof AwsError && error.code === `KMS.${gone}`) return undefined
    throw error
  }
}

const gone = 'NotFoundException'

function clientOf(unsealer: Unsealer): KmsClient {
  return {
    generateDataKey: () => Promise.reject(new Error('Nothing is sealed here')),
    async decrypt({ CiphertextBlob, EncryptionContext }, { region }) {
      const Plaintext = unsealer.unseal(CiphertextBlob, EncryptionContext, region)
      if (!Plaintext) throw new AwsError(gone, 'The KMS key is gone', 400)
      return { KeyId: '', Plaintext }
    },
  }
}

function nobody(region: string): Session {
  const proof = { signature: 'SigV4', method: 'AuthHeader', payload: { coding: 'unsigned' } } as const
  return { authentication: { caller: anonymousCaller, region, ...proof }, region }
}
