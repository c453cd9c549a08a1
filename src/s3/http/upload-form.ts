import type { BusboyConstructor, BusboyInstance } from '@fastify/busboy'
import { bareRecord } from '../../aws/bare-record.ts'
import type { FormFields } from '../../protocol/policy-form.ts'
import { s3Errors } from '../errors.ts'

/*
 * A browser's multipart/form-data, as it streams by:
 *
 *   field, field, field …  ─▶ kept (20 KB together)
 *   the part named `file`  ─▶ handed on chunk by chunk: the reader pulls, so nothing is held but the chunk under way
 *   what stands behind it  ─▶ ignored, as S3 does ("the file or text content must be the last field in the form")
 *
 * Source: Amazon S3 API Reference, "POST Object".
 */

/** A form up to its file. */
export interface UploadForm {
  /** Names in lower case; the last of a name wins. */
  fields: FormFields
  file: {
    /** What the browser calls it, without folders; may be empty. */
    name: string
    /** Iterate once. */
    bytes: AsyncIterable<Uint8Array>
  }
}

/** All fields before the file: 20 KB. Source: "POST Object", "Form fields". */
const fieldsLimit = 20_480

/**
 * Reads a form's fields, until its file begins.
 * @param chunks the body; only as much is taken from it as is asked for, and it is never closed
 * @throws AwsError MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument where there is no file
 */
export async function openUploadForm(contentType: string, chunks: AsyncIterator<Uint8Array>): Promise<UploadForm> {
  const { Busboy } = await import('@fastify/busboy')
  const parser = new FormParser(Busboy, contentType)
  let consumed = 0
  while (parser.fileName === undefined) {
    const { done, value } = await chunks.next()
    if (done) await parser.end()
    else await parser.write(value)
    if (parser.fileName !== undefined) break
    if (done) throw s3Errors.InvalidArgument('POST requires exactly one file upload per request.', 'file', '0')
    consumed += value.length
    if (consumed > fieldsLimit) throw s3Errors.MaxPostPreDataLengthExceeded()
  }
  const { fields, fileName: name } = parser
  if (parser.fieldsSize > fieldsLimit) throw s3Errors.MaxPostPreDataLengthExceeded()
  return { fields, file: { name, bytes: fileBytes(parser, chunks) } }
}

async function* fileBytes(parser: FormParser, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield* parser.takeFileBytes()
    const { done, value } = await chunks.next()
    if (done) break
    await parser.write(value)
  }
  await parser.end()
  yield* parser.takeFileBytes()
}

/** Busboy, driven by whoever asks for more: what a chunk brings is there once its `write` has resolved, or after `end`. */
class FormParser {
  readonly fields = bareRecord()
  /** Bytes of names and values. */
  fieldsSize = 0
  /** Undefined until the file has begun. */
  fileName: string | undefined
  #fileBytes: Uint8Array[] = []
  readonly #busboy: BusboyInstance
  readonly #failure: Promise<never>

  constructor(Busboy: BusboyConstructor, contentType: string) {
    this.#busboy = createBusboy(Busboy, contentType)
    this.#failure = new Promise((_, reject) => {
      this.#busboy.on('error', () => reject(s3Errors.MalformedPOSTRequest()))
    })
    this.#failure.catch(() => undefined)
    this.#busboy.on('field', (name, value) => this.#addField(name, value))
    this.#busboy.on('file', (_, stream, name) => {
      this.fileName = name ?? ''
      stream.on('data', (chunk: Uint8Array) => this.#fileBytes.push(chunk))
      // Busboy itself also reports a form that ends in the middle of its file.
      stream.on('error', () => undefined)
    })
  }

  write(chunk: Uint8Array): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#busboy.write(chunk, (error) => (error ? reject(s3Errors.MalformedPOSTRequest()) : resolve()))
    })
    return Promise.race([written, this.#failure])
  }

  end(): Promise<void> {
    const finished = new Promise<void>((resolve) => this.#busboy.once('finish', resolve))
    this.#busboy.end()
    return Promise.race([finished, this.#failure])
  }

  takeFileBytes(): Uint8Array[] {
    const taken = this.#fileBytes
    this.#fileBytes = []
    return taken
  }

  #addField(name: string | undefined, value: string): void {
    if (name === undefined || this.fileName !== undefined) return
    this.fields[name.toLowerCase()] = value
    this.fieldsSize += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
}

function createBusboy(Busboy: BusboyConstructor, contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // Some clients send fields with a filename too; only the name shows which part is the file.
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      limits: { files: 1, fieldSize: fieldsLimit + 1 },
    })
  } catch {
    // No boundary.
    throw s3Errors.MalformedPOSTRequest()
  }
}
