import { bytesOf, digestOf } from './chance.mjs'
import { elementOf } from './client.mjs'

/*
 * The mixed load that a kill interrupts: writers (put, overwrite, delete, copy, multipart), writers of versions, readers, KMS callers, an administrator
 * who sets policies. A writer has
 * keys of its own, so that what a key must hold is known at every moment.
 */

const part = 5 << 20

export class Load {
  #bodies = 0
  /** Arn → calls of KMS that S3's acknowledged answers owe. */
  owed = { GenerateDataKey: new Map(), Decrypt: new Map() }

  /**
   * @param {{ bucket: string, keyId: string, toggledKeyId: string, objects: import('./history.mjs').ObjectHistory,
   *   keys: import('./key-history.mjs').KeyHistory, settings: import('./setting-history.mjs').SettingHistory,
   *   versions: import('./version-history.mjs').VersionHistory[], fault: (words: string) => void }} world
   */
  constructor(world) {
    this.world = world
  }

  /**
   * Runs until every connection is broken.
   * @param onAcknowledged told of every acknowledged call
   */
  async run(client, chance, onAcknowledged) {
    const steps = [
      ...[0, 1, 2, 3].map((writer) => this.#writer(client, chance.fork(`writer-${writer}`), writer)),
      this.#multipart(client, chance.fork('multipart')),
      this.#reader(client, chance.fork('reader')),
      this.#caller(client, chance.fork('caller')),
      this.#toggler(client),
      this.#setter(client, chance.fork('setter')),
      ...this.world.versions.map((history) => {
        const own = chance.fork(history.bucket)
        return () => history.change(client, own)
      }),
    ]
    await Promise.all(steps.map((step) => repeat(step, onAcknowledged)))
  }

  #body(chance) {
    const name = `body-${this.#bodies++}`
    const length = chance.oneIn(4) ? chance.int(1_000_000) : chance.int(2_000)
    return bytesOf(`${name}/${chance.int(2 ** 32)}`, length)
  }

  #scheme(chance) {
    const schemes = [
      {},
      { 'x-amz-server-side-encryption': 'AES256' },
      kmsHeaders(this.world.keyId),
      { ...kmsHeaders(this.world.keyId), 'x-amz-server-side-encryption-bucket-key-enabled': 'true' },
    ]
    return chance.pick(schemes)
  }

  #owe(event, key, headers) {
    const isOwn = headers['x-amz-server-side-encryption'] === 'aws:kms'
    if (!isOwn || headers['x-amz-server-side-encryption-bucket-key-enabled'] === 'true') return
    const arn = `arn:aws:s3:::${this.world.bucket}/${key}`
    this.owed[event].set(arn, (this.owed[event].get(arn) ?? 0) + 1)
  }

  #writer(client, chance, writer) {
    const { bucket, objects } = this.world
    return async () => {
      const key = `writer-${writer}/${chance.int(6)}`
      const path = `/${bucket}/${key}`
      const choice = chance.int(10)
      if (choice < 2) return objects.change(key, undefined, () => client.ok('DELETE', path))
      const headers = this.#scheme(chance)
      const source = `writer-${writer}/${chance.int(6)}`
      const copied = objects.acknowledged(source)
      if (choice < 4 && copied !== undefined && source !== key) {
        const copy = { ...headers, 'x-amz-copy-source': `/${bucket}/${source}` }
        await objects.change(key, copied, () => client.ok('PUT', path, { headers: copy }))
      } else {
        const body = this.#body(chance)
        await objects.change(key, digestOf(body), () => client.ok('PUT', path, { headers, body }))
      }
      this.#owe('GenerateDataKey', key, headers)
    }
  }

  /** Uploads parts; some uploads stay open and are completed after the restart. */
  #multipart(client, chance) {
    const { bucket, objects } = this.world
    return async () => {
      const key = `multipart/${chance.int(3)}`
      const path = `/${bucket}/${key}`
      const bodies = [bytesOf(`part/${chance.int(2 ** 32)}`, part), this.#body(chance)]
      const headers = this.#scheme(chance)
      const { body } = await client.ok('POST', path, { query: [['uploads', '']], headers })
      this.#owe('GenerateDataKey', key, headers)
      const uploadId = elementOf(body, 'UploadId')
      const tags = []
      for (const [index, bytes] of bodies.entries()) {
        const query = [
          ['partNumber', String(index + 1)],
          ['uploadId', uploadId],
        ]
        tags.push((await client.ok('PUT', path, { query, body: bytes })).headers.etag)
      }
      if (chance.oneIn(3)) this.world.open = { path, key, uploadId, tags, content: digestOf(Buffer.concat(bodies)) }
      else await complete(client, objects, { path, key, uploadId, tags, content: digestOf(Buffer.concat(bodies)) })
    }
  }

  #reader(client, chance) {
    const { bucket, objects, fault } = this.world
    return async () => {
      const key = chance.pick(objects.names.length > 0 ? objects.names : ['none'])
      const answer = await client.s3('GET', `/${bucket}/${key}`)
      if (answer.status !== 200 && answer.status !== 404) return fault(`GET ${key} under load: ${answer.status}`)
      const content = answer.status === 200 ? digestOf(answer.body) : undefined
      if (content !== undefined && !objects.wasEver(key, content)) fault(`GET ${key} under load: bytes nobody wrote`)
      if (content !== undefined) this.#owe('Decrypt', key, answer.headers)
    }
  }

  #caller(client, chance) {
    const { keys, keyId, fault } = this.world
    let aliases = 0
    const run = chance.int(2 ** 32)
    return async () => {
      const choice = chance.int(8)
      if (choice === 0) return keys.createKey(client)
      if (choice === 1) return keys.nameKey(client, `alias/torture-${run}-${aliases++}`)
      if (choice === 2) return keys.call(client, 'GenerateDataKey', { KeyId: keyId, KeySpec: 'AES_256' })
      const one = chance.oneIn(2) ? keys.someCiphertext(chance) : undefined
      if (!one) return keys.encrypt(client, keyId, chance.bytes(chance.between(1, 4096)))
      const input = { CiphertextBlob: one.CiphertextBlob, EncryptionContext: one.context }
      const { Plaintext } = await keys.call(client, 'Decrypt', input)
      if (Plaintext !== one.Plaintext) fault('Decrypt under load: another plaintext')
    }
  }

  #setter(client, chance) {
    const { settings } = this.world
    return () => (chance.oneIn(6) ? settings.makeCredentials(client, chance) : settings.change(client, chance))
  }

  #toggler(client) {
    const { keys, toggledKeyId } = this.world
    return () => keys.toggle(client, toggledKeyId)
  }
}

/** Completes an upload whose parts were acknowledged. */
export function complete(client, objects, { path, key, uploadId, tags, content }) {
  const parts = tags
    .map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
    .join('')
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`
  return objects.change(key, content, () => client.ok('POST', path, { query: [['uploadId', uploadId]], body }))
}

export function kmsHeaders(keyId) {
  return { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': keyId }
}

/** A broken connection is what was ordered; an answer that refuses is a fault. */
async function repeat(step, onAcknowledged) {
  for (;;) {
    try {
      await step()
    } catch (error) {
      if (error.answer === undefined && !(error instanceof TypeError)) return
      throw error
    }
    onAcknowledged()
  }
}
