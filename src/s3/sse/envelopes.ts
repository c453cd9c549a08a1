import type { Ambient } from '../../ambient.ts'
import type { KmsClient } from '../../kms/client.ts'
import type { RootKey } from '../../root-key.ts'
import type { Database } from '../../store/database.ts'
import type { S3Settings } from '../settings.ts'
import { BodyCipher } from './body-cipher.ts'
import { CustomerEnvelopes } from './customer-envelopes.ts'
import { ownPairs } from './encryption-context.ts'
import type {
  CustomerKey,
  DefaultEncryption,
  EncryptionRequest,
  Envelope,
  EnvelopeMaker,
  EnvelopeRecord,
  SealTarget,
  Session,
} from './envelope.ts'
import { sseErrors, words } from './errors.ts'
import { type AnswerSource, isKms, refuseBlockedCustomerKey, requireSignatureVersion4 } from './headers.ts'
import { ManagedKeys } from './keyring.ts'
import { KmsKeyring } from './kms-keyring.ts'
import { OpenEnvelope } from './open-envelope.ts'
import { type BoundFacts, objectKeySize, openKey, sealKey } from './sealed-keys.ts'

/*
 *  KMS key ──GenerateDataKey──▶ data key ─┐
 *  SSE-S3 root ───────────────────────────┼─seals──▶ object key ──▶ bodies (body-cipher.ts), manifest, small texts
 *  customer key ──HKDF, fresh salt────────┘
 *
 *  DSSE-KMS has two object keys, one a layer: the first under the data key, the second under a root of S3's own.
 *  SSE-C has its own file: customer-envelopes.ts.
 */

export interface EnvelopeServices {
  kms: KmsClient
  rootKey: RootKey
  database: Database
  ambient: Ambient
  settings: S3Settings
}

/** Key-encryption keys, one a layer, and what the record says of them. */
interface KeyEncryption {
  record: Omit<EnvelopeRecord, 'sealed'>
  layers: Buffer[]
  fields: Record<string, string>
  answer?: AnswerSource
}

/** Object keys, one a layer, and the scheme that bodies were first sealed under. */
interface ObjectKeys {
  keys: Buffer[]
  bodyScheme: string
}

const layerFields = ['objectKey', 'secondKey'] as const
/** KMS makes it at its first use, one an account and Region. */
const managedKeyAlias = 'alias/aws/s3'

type KmsRequest = Extract<EncryptionRequest, { scheme: 'SSE-KMS' | 'DSSE-KMS' }>

/** Makes and opens the envelopes of all schemes. */
export function createEnvelopes(services: EnvelopeServices): EnvelopeMaker {
  return new Envelopes(services)
}

class Envelopes implements EnvelopeMaker {
  readonly #kms: KmsKeyring
  readonly #managed: ManagedKeys
  readonly #customers: CustomerEnvelopes
  readonly #randomBytes: (length: number) => Buffer

  constructor({ kms, rootKey, database, ambient, settings }: EnvelopeServices) {
    this.#kms = new KmsKeyring(kms, ambient, settings.bucketKeyLifetime)
    this.#managed = new ManagedKeys(database, rootKey, ambient, settings.accountId)
    this.#customers = new CustomerEnvelopes(this.#managed, ambient)
    this.#randomBytes = (length) => ambient.randomBytes(length)
  }

  async envelopeFor(
    request: EncryptionRequest,
    bucketDefault: DefaultEncryption | undefined,
    target: SealTarget,
    session: Session,
  ): Promise<Envelope> {
    const wanted = withDefault(request, bucketDefault)
    if (wanted === undefined) return this.#plain()
    if (wanted.scheme === 'SSE-C') {
      refuseBlockedCustomerKey(bucketDefault, target, session)
      return this.#customers.make(wanted.customerKey, target, session)
    }
    const keyEncryption = await this.#newKeyEncryption(wanted, target, session)
    const keys = keyEncryption.layers.map(() => this.#randomBytes(objectKeySize))
    return this.#envelope(keyEncryption, { keys, bodyScheme: wanted.scheme })
  }

  async openEnvelope(
    record: EnvelopeRecord,
    target: SealTarget,
    customerKey: CustomerKey | undefined,
    session: Session,
  ): Promise<Envelope> {
    if (record.scheme === 'none') return this.#plain()
    if (record.scheme === 'SSE-C') return this.#customers.open(record, target, customerKey, session)
    const keyEncryption = await this.#keyEncryptionOf(record, target, session)
    return this.#envelope(keyEncryption, openObjectKeys(keyEncryption, record, target))
  }

  async transplant(
    record: EnvelopeRecord,
    target: SealTarget,
    region: string,
    copy: { target: SealTarget; bucketDefault: DefaultEncryption | undefined; session: Session },
  ): Promise<Envelope> {
    refuseBlockedCustomerKey(copy.bucketDefault, copy.target, copy.session)
    return this.#customers.transplant(record, target, region, copy.session.region)
  }

  async reseal(
    record: EnvelopeRecord,
    request: EncryptionRequest,
    target: SealTarget,
    session: Session,
  ): Promise<Envelope> {
    const wanted = withDefault(request, undefined)
    const isPossible = (record.scheme === 'SSE-S3' || record.scheme === 'SSE-KMS') && wanted?.scheme === 'SSE-KMS'
    if (!isPossible) throw sseErrors.InvalidRequest(words.notApplicable)
    const before = await this.#keyEncryptionOf(record, target, session)
    const objectKeys = openObjectKeys(before, record, target)
    // The caller's pairs are metadata of the object, which stay (evidence: sse-update).
    const wantedHere = { ...wanted, context: record.context }
    return this.#envelope(await this.#newKeyEncryption(wantedHere, target, session), objectKeys)
  }

  #plain(): Envelope {
    const cipher = new BodyCipher([], 'none', this.#randomBytes)
    return new OpenEnvelope({ record: { scheme: 'none' }, cipher, manifestKey: undefined, sealedFor: () => undefined })
  }

  #envelope({ record, layers, fields, answer }: KeyEncryption, { keys, bodyScheme }: ObjectKeys): Envelope {
    const facts = factsOf(record, bodyScheme)
    const kept = bodyScheme === record.scheme ? fields : { ...fields, bodyScheme }
    return new OpenEnvelope({
      record,
      cipher: new BodyCipher(keys, bodyScheme, this.#randomBytes),
      manifestKey: keys[0],
      sealedFor: (target) => {
        const sealed: Record<string, string> = {}
        for (const name in kept) sealed[name] = kept[name] ?? ''
        for (const [layer, keyEncryptionKey] of layers.entries()) {
          const [name, key] = [layerFields[layer], keys[layer]]
          if (name && key) sealed[name] = sealKey(keyEncryptionKey, key, facts, target, this.#randomBytes)
        }
        return sealed
      },
      answer,
    })
  }

  async #newKeyEncryption(
    wanted: KmsRequest | { scheme: 'SSE-S3' },
    target: SealTarget,
    session: Session,
  ): Promise<KeyEncryption> {
    if (wanted.scheme === 'SSE-S3') return this.#managedKeyEncryption(session)
    requireSignatureVersion4(session.authentication)
    const { scheme, keyId = managedKeyAlias } = wanted
    const context = ownPairs(wanted.context, target)
    // DSSE-KMS knows no bucket keys.
    const bucketKey = scheme === 'SSE-KMS' && wanted.bucketKey === true
    const dataKey = await this.#kms.generateDataKey({ keyId, context, bucketKey }, target, session)
    return {
      record: {
        scheme,
        keyArn: dataKey.keyArn,
        bucketKeyEnabled: bucketKey || undefined,
        context: Object.keys(context).length > 0 ? context : undefined,
      },
      layers: scheme === 'SSE-KMS' ? [dataKey.plaintext] : [dataKey.plaintext, await this.#secondLayer(session)],
      fields: { dataKey: dataKey.encrypted },
      answer: { sentContext: wanted.context },
    }
  }

  async #keyEncryptionOf(record: EnvelopeRecord, target: SealTarget, session: Session): Promise<KeyEncryption> {
    if (!isKms(record.scheme)) return this.#managedKeyEncryption(session)
    requireSignatureVersion4(session.authentication)
    const encrypted = record.sealed?.dataKey ?? ''
    const bucketKey = record.bucketKeyEnabled === true
    const dataKey = await this.#kms.decryptDataKey({ encrypted, context: record.context, bucketKey }, target, session)
    return {
      record,
      layers: record.scheme === 'SSE-KMS' ? [dataKey] : [dataKey, await this.#secondLayer(session)],
      fields: { dataKey: encrypted },
    }
  }

  async #managedKeyEncryption({ region }: Session): Promise<KeyEncryption> {
    return { record: { scheme: 'SSE-S3' }, layers: [await this.#managed.root(region, 'SSE-S3')], fields: {} }
  }

  /** DSSE-KMS alone has it. */
  #secondLayer({ region }: Session): Promise<Buffer> {
    return this.#managed.root(region, 'DSSE-KMS')
  }
}

function factsOf(
  { scheme, keyArn, bucketKeyEnabled, context }: KeyEncryption['record'],
  bodyScheme: string,
): BoundFacts {
  return { scheme, keyArn, bucketKeyEnabled, context, bodyScheme }
}

function openObjectKeys({ record, layers }: KeyEncryption, { sealed }: EnvelopeRecord, target: SealTarget): ObjectKeys {
  const bodyScheme = sealed?.bodyScheme ?? record.scheme
  const facts = factsOf(record, bodyScheme)
  const names = layerFields.slice(0, layers.length)
  const keys = layers.map((layer, index) => openKey(layer, sealed?.[names[index] ?? ''], facts, target))
  return { keys, bodyScheme }
}

const defaultSchemes = { AES256: 'SSE-S3', 'aws:kms': 'SSE-KMS', 'aws:kms:dsse': 'DSSE-KMS' } as const

/**
 * The encryption of a write: what the request asks for, else the bucket's default. `aws:kms` without a key takes the bucket's key,
 * and without the bucket key header the bucket's setting (evidence: sse-key-choice).
 * @returns undefined for no encryption (classic bucket defaults)
 */
function withDefault(
  request: EncryptionRequest,
  bucketDefault: DefaultEncryption | undefined,
): Exclude<EncryptionRequest, { scheme: 'unasked' }> | undefined {
  if (request.scheme === 'SSE-C' || request.scheme === 'SSE-S3') return request
  if (request.scheme === 'unasked' && !bucketDefault) return undefined
  const bucketKey = request.bucketKey ?? bucketDefault?.bucketKeyEnabled ?? false
  if (request.scheme !== 'unasked') {
    const { scheme, context, keyId = bucketDefault?.keyId } = request
    return { scheme, context, keyId, bucketKey }
  }
  const scheme = defaultSchemes[bucketDefault?.algorithm ?? 'AES256']
  return scheme === 'SSE-S3' ? { scheme } : { scheme, keyId: bucketDefault?.keyId, bucketKey }
}
