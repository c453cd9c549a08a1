import type { BodyCipher, BodyList } from './body-cipher.ts'
import { manifestUnder, requireSameManifest } from './body-cipher.ts'
import type {
  Envelope,
  EnvelopeRecord,
  ManifestOf,
  OpenedBody,
  Scheme,
  SealedBody,
  SealTarget,
  StoredBody,
} from './envelope.ts'
import { sseErrors, words } from './errors.ts'
import { type AnswerSource, answerHeadersOf } from './headers.ts'

/** What the schemes give an envelope. */
export interface EnvelopeParts {
  /** The record but for what is sealed. */
  record: Omit<EnvelopeRecord, 'sealed'>
  /** Undefined: an SSE-C object without its customer's key. */
  cipher: BodyCipher | undefined
  /** Undefined where nothing is sealed. */
  manifestKey: Buffer | undefined
  /** The keys sealed to a target. */
  sealedFor(target: SealTarget): Record<string, string> | undefined
  answer?: AnswerSource
}

/** An envelope as handlers hold it; the schemes differ in its parts alone. */
export class OpenEnvelope implements Envelope {
  readonly #parts: EnvelopeParts

  constructor(parts: EnvelopeParts) {
    this.#parts = parts
  }

  get scheme(): Scheme {
    return this.#parts.record.scheme
  }

  get etagIsMd5(): boolean {
    return this.scheme === 'none' || this.scheme === 'SSE-S3'
  }

  seal(plaintext: AsyncIterable<Uint8Array>): SealedBody {
    return this.#cipher().seal(plaintext)
  }

  open(
    body: StoredBody,
    first: number,
    last: number,
    read: (firstSegment: number, count: number) => AsyncIterable<Uint8Array>,
  ): Promise<OpenedBody> {
    return this.#cipher().open(body, first, last, read)
  }

  manifest(bodies: BodyList, target: SealTarget, of: ManifestOf = 'object'): string {
    return manifestUnder(this.#parts.manifestKey, bodies, target, of)
  }

  checkManifest(mac: string, bodies: BodyList, target: SealTarget, of?: ManifestOf): void {
    requireSameManifest(mac, this.manifest(bodies, target, of))
  }

  sealText(purpose: string, text: string): string {
    return this.#cipher().sealText(purpose, text)
  }

  openText(purpose: string, sealed: string): string {
    return this.#cipher().openText(purpose, sealed)
  }

  recordFor(target: SealTarget): EnvelopeRecord {
    const { scheme, keyArn, bucketKeyEnabled, context } = this.#parts.record
    return { scheme, keyArn, bucketKeyEnabled, context, sealed: this.#parts.sealedFor(target) }
  }

  answerHeaders(operation: string): Record<string, string> {
    return answerHeadersOf(this.#parts.record, operation, this.#parts.answer)
  }

  #cipher(): BodyCipher {
    if (!this.#parts.cipher) throw sseErrors.InvalidRequest(words.keyMissing)
    return this.#parts.cipher
  }
}
