import type { Ambient } from '../../ambient.ts'
import { BodyCipher } from './body-cipher.ts'
import type { CustomerKey, Envelope, EnvelopeRecord, SealTarget, Session } from './envelope.ts'
import { checkCustomerKey, customerWrapKey, type ManagedKeys, newCustomerWrap } from './keyring.ts'
import { OpenEnvelope } from './open-envelope.ts'
import { type BoundFacts, objectKeySize, openKey, sealKey } from './sealed-keys.ts'

/*
 * SSE-C. An upload is completed without the customer's key (evidence: sse-c-complete), so what binds a record to its version, and
 * the manifest of its bodies, must not depend on that key:
 *
 *   completion key  random, sealed under a root of S3's own, bound to the record's present target; makes the manifest
 *   object key      random, sealed under the customer's wrap key, bound to its first target and to the completion key
 *
 * So a copy can be made without the customer's key too (replication): the completion key is sealed anew, bodies and object key are
 * copied as they are.
 */

const customerFacts: BoundFacts = { scheme: 'SSE-C', bodyScheme: 'SSE-C' }

/** The keys of one object: the object key is there when the customer's key is. */
interface Keys {
  root: Buffer
  completionKey: Buffer
  objectKey?: Buffer
  customerKey?: CustomerKey
}

export class CustomerEnvelopes {
  readonly #managed: ManagedKeys
  readonly #ambient: Ambient
  readonly #randomBytes: (length: number) => Buffer

  constructor(managed: ManagedKeys, ambient: Ambient) {
    this.#managed = managed
    this.#ambient = ambient
    this.#randomBytes = (length) => ambient.randomBytes(length)
  }

  async make(customerKey: CustomerKey, target: SealTarget, { region }: Session): Promise<Envelope> {
    const root = await this.#managed.root(region, 'SSE-C')
    const { wrapKey, fields } = newCustomerWrap(customerKey, this.#ambient)
    const [objectKey, completionKey] = [this.#randomBytes(objectKeySize), this.#randomBytes(objectKeySize)]
    const facts: BoundFacts = { ...customerFacts, tie: completionKey }
    const sealed = {
      ...fields,
      boundTo: target.versionId,
      objectKey: sealKey(wrapKey, objectKey, facts, target, this.#randomBytes),
    }
    return this.#envelope({ root, completionKey, objectKey, customerKey }, sealed)
  }

  /** @throws AwsError AccessDenied for a wrong key */
  async open(
    record: EnvelopeRecord,
    target: SealTarget,
    customerKey: CustomerKey | undefined,
    { region }: Session,
  ): Promise<Envelope> {
    checkCustomerKey(record, customerKey)
    const { completionKey: sealedCompletionKey, ...sealed } = record.sealed ?? {}
    const root = await this.#managed.root(region, 'SSE-C')
    const completionKey = openKey(root, sealedCompletionKey, customerFacts, target)
    if (!customerKey) return this.#envelope({ root, completionKey }, sealed)
    const facts: BoundFacts = { ...customerFacts, tie: completionKey }
    const first = { ...target, bucket: sealed.boundIn ?? target.bucket, versionId: sealed.boundTo ?? '' }
    const objectKey = openKey(customerWrapKey(record, customerKey), sealed.objectKey, facts, first)
    return this.#envelope({ root, completionKey, objectKey, customerKey }, sealed)
  }

  /** The envelope of a copy in another bucket, under the same key, that opens no body. */
  async transplant(record: EnvelopeRecord, target: SealTarget, region: string, newRegion: string): Promise<Envelope> {
    const { completionKey: sealedCompletionKey, ...sealed } = record.sealed ?? {}
    const root = await this.#managed.root(region, 'SSE-C')
    const completionKey = openKey(root, sealedCompletionKey, customerFacts, target)
    const newRoot = await this.#managed.root(newRegion, 'SSE-C')
    return this.#envelope({ root: newRoot, completionKey }, { ...sealed, boundIn: sealed.boundIn ?? target.bucket })
  }

  #envelope({ root, completionKey, objectKey, customerKey }: Keys, sealed: Record<string, string>): Envelope {
    return new OpenEnvelope({
      record: { scheme: 'SSE-C' },
      cipher: objectKey && new BodyCipher([objectKey], 'SSE-C', this.#randomBytes),
      manifestKey: completionKey,
      sealedFor: (target) => ({
        ...sealed,
        completionKey: sealKey(root, completionKey, customerFacts, target, this.#randomBytes),
      }),
      answer: { customerKey },
    })
  }
}
