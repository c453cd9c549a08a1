import { createHash, type Hash } from 'node:crypto'
import { type Checksum, createChecksum, loadChecksum } from '../../crypto/checksums.ts'
import { combinePartChecksums, openChecksum } from '../../s3/objects/checksums.ts'
import { piecesOf } from '../../s3/objects/content.ts'
import { multipartEtag } from '../../s3/objects/multipart-etag.ts'
import type { ChecksumAlgorithm, ObjectBody, StoredChecksum } from '../../s3/records/object-record.ts'
import type { Envelope } from '../../s3/sse/envelope.ts'
import type { Services } from '../../services.ts'
import type { Fault } from './report.ts'

/*
 * The content of an object, or of a part, held against all that its records keep of it, while it is read once:
 *
 *   body 1 ─▶ size, MD5, checksum ═ kept of body 1 ─┐
 *   body 2 ─▶ size, MD5, checksum ═ kept of body 2 ─┴─▶ combined ═ size, ETag, checksum of the object
 *
 * An ETag is an MD5 only where the scheme makes it one; that of a multipart object is an MD5 of its parts' ETags, whatever they are.
 */

/** What is kept of the whole. */
export interface KeptContent {
  size: number
  etag: string
  checksum?: StoredChecksum
}

export interface ContentReading {
  bodies: Services['bodies']
  envelope: Envelope
  /** Told how many bytes came out until now. */
  progress(count: number): void
  /** Told what is wrong. */
  fault(kind: Fault['kind'], message: string): void
}

/** What came out of a body. */
interface ReadBody {
  size: number
  etag: string | undefined
  /** base64 */
  digests: ReadonlyMap<ChecksumAlgorithm, string>
}

const md5Form = /^[0-9a-f]{32}$/
const multipartForm = /^[0-9a-f]{32}-\d+$/

/**
 * Reads bodies in their order, and compares.
 * @param kept of all bodies together
 * @throws what a segment fails with: then nothing more can be said
 */
export async function verifyContent(
  reading: ContentReading,
  kept: KeptContent,
  bodies: readonly ObjectBody[],
): Promise<void> {
  const { envelope, fault } = reading
  const whole = kept.checksum && openChecksum(envelope, kept.checksum)
  const read: ReadBody[] = []
  let size = 0
  for (const body of bodies) {
    const before = size
    const progress = (count: number) => reading.progress(before + count)
    read.push(await verifyBody({ ...reading, progress }, body, whole?.algorithm, bodies.length > 1))
    size += body.size
  }
  if (envelope.etagIsMd5) verifyMd5(fault, kept.etag, read)
  await verifyWhole(fault, { ...kept, checksum: whole }, read)
}

/**
 * Of content that nobody here opens: what is kept of the whole, held against what is kept of its parts.
 * @param kept its checksum is passed over where it is sealed
 */
export async function verifyKept(
  fault: ContentReading['fault'],
  kept: KeptContent,
  bodies: readonly ObjectBody[],
): Promise<void> {
  const parts = bodies.map(({ size, etag, checksum }) => {
    const digests = checksum && !checksum.sealed ? [[checksum.algorithm, checksum.value] as const] : []
    return { size, etag, digests: new Map(digests) }
  })
  const { checksum } = kept
  const isKnown = checksum && !checksum.sealed && parts.every(({ digests }) => digests.has(checksum.algorithm))
  await verifyWhole(fault, { ...kept, checksum: isKnown ? checksum : undefined }, parts)
}

/** @param kept its checksum in clear */
async function verifyWhole(
  fault: ContentReading['fault'],
  { size, etag, checksum }: KeptContent,
  read: readonly ReadBody[],
): Promise<void> {
  const found = read.reduce((sum, body) => sum + body.size, 0)
  if (found !== size) fault('record', `its bodies have ${found} bytes together, in place of ${size}`)
  await verifyMultipartEtag(fault, etag, read)
  if (checksum && !(await isChecksumOf(checksum, read)))
    fault('checksum', `the ${checksum.algorithm} of its content is not the one that is kept`)
}

/** @param also what is computed besides the body's own checksum */
async function verifyBody(
  { bodies, envelope, progress, fault }: ContentReading,
  body: ObjectBody,
  also: ChecksumAlgorithm | undefined,
  isOneOfMany: boolean,
): Promise<ReadBody> {
  const kept = body.checksum && openChecksum(envelope, body.checksum)
  const digests = await Digests.of([kept?.algorithm, also], envelope.etagIsMd5)
  const opened = await envelope.open(body, 0, body.size - 1, (first, count) => bodies.read(body.blob, first, count))
  for await (const piece of piecesOf(opened)) {
    digests.update(piece)
    progress(digests.size)
  }
  const read = digests.end(body.etag)
  const name = isOneOfMany ? `part ${body.number}: ` : ''
  const size = digests.size
  if (size !== body.size) fault('segment', `${name}${size} bytes came out in place of ${body.size}`)
  if (kept && read.digests.get(kept.algorithm) !== kept.value) {
    fault('checksum', `${name}the ${kept.algorithm} of its content is not the one that is kept`)
  }
  const md5 = digests.md5
  if (md5 && body.etag !== undefined && body.etag !== md5) {
    fault('checksum', `${name}the MD5 of its content is not its ETag`)
  }
  // A fault is told once.
  return { ...read, size: body.size }
}

/** Of a part that has an ETag of its own it is known already. */
function verifyMd5(fault: ContentReading['fault'], etag: string, [only, another]: readonly ReadBody[]): void {
  if (md5Form.test(etag) && !another && only?.etag !== etag) fault('checksum', 'the MD5 of its content is not its ETag')
}

async function verifyMultipartEtag(
  fault: ContentReading['fault'],
  etag: string,
  read: readonly ReadBody[],
): Promise<void> {
  if (md5Form.test(etag)) return
  const etags = read.flatMap((body) => body.etag ?? [])
  if (!multipartForm.test(etag)) fault('record', `${JSON.stringify(etag)} is no ETag`)
  else if (etags.length === read.length && (await multipartEtag(etags)) !== etag) {
    fault('checksum', 'its ETag is not that of its parts')
  }
}

async function isChecksumOf({ algorithm, type, value }: StoredChecksum, read: readonly ReadBody[]): Promise<boolean> {
  const parts = read.map(({ size, digests }) => ({ size, value: digests.get(algorithm) ?? '' }))
  const [only] = parts
  if (type === 'FULL_OBJECT' && parts.length === 1) return only?.value === value
  const combined = await combinePartChecksums(algorithm, type, parts)
  return combined.type === type && combined.value === value
}

/** All that is computed of a body as it passes. */
class Digests {
  size = 0
  md5: string | undefined
  readonly #checksums: ReadonlyMap<ChecksumAlgorithm, Checksum>
  readonly #md5: Hash | undefined

  private constructor(checksums: ReadonlyMap<ChecksumAlgorithm, Checksum>, md5: Hash | undefined) {
    this.#checksums = checksums
    this.#md5 = md5
  }

  static async of(wanted: readonly (ChecksumAlgorithm | undefined)[], hasMd5: boolean): Promise<Digests> {
    const checksums = new Map<ChecksumAlgorithm, Checksum>()
    for (const algorithm of wanted) {
      if (algorithm === undefined || checksums.has(algorithm)) continue
      await loadChecksum(algorithm)
      checksums.set(algorithm, createChecksum(algorithm))
    }
    return new Digests(checksums, hasMd5 ? createHash('md5') : undefined)
  }

  update(bytes: Uint8Array): void {
    this.size += bytes.length
    this.#md5?.update(bytes)
    for (const checksum of this.#checksums.values()) checksum.update(bytes)
  }

  /** @param etag that the body has, which need not be an MD5 */
  end(etag: string | undefined): ReadBody {
    this.md5 = this.#md5?.digest('hex')
    const digests = new Map<ChecksumAlgorithm, string>()
    for (const [algorithm, checksum] of this.#checksums) digests.set(algorithm, checksum.digest().toString('base64'))
    return { size: this.size, etag: etag ?? this.md5, digests }
  }
}
