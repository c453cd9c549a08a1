import { bytesOf, digestOf } from './chance.mjs'
import { elementsOf } from './client.mjs'
import { contentOf, inParallel } from './history.mjs'
import { kmsHeaders } from './load.mjs'

/*
 * A small world whose content its name tells: one bucket, one key, objects plain and sealed, a ciphertext. Scenarios make it,
 * do something to the program or its folder, and ask whether it is there whole, gone, or something between.
 */

export class World {
  keyId = ''
  /** Key → digest of its body. */
  objects = new Map()

  /** @param {string} bucket @param {{ count: number, sizes: number[], small?: number, keys?: number }} shape
   *   objects of these sizes in turns; besides, small sealed objects and keys that only make the records many */
  constructor(bucket, shape) {
    this.bucket = bucket
    this.shape = shape
  }

  async make(client, name = this.bucket) {
    const { output } = await client.kms('CreateKey', { Description: name })
    this.keyId = output.KeyMetadata.KeyId
    const Plaintext = bytesOf(name, 64).toString('base64')
    const encrypted = await client.kms('Encrypt', { KeyId: this.keyId, Plaintext })
    this.ciphertext = { Plaintext, CiphertextBlob: encrypted.output.CiphertextBlob }
    await client.ok('PUT', `/${this.bucket}`)
    const schemes = [{}, { 'x-amz-server-side-encryption': 'AES256' }, kmsHeaders(this.keyId)]
    const { count, sizes, small = 0, keys = 0 } = this.shape
    await inParallel(Array.from({ length: count }), 4, async (_, index) => {
      const body = bytesOf(`${name}/${index}`, sizes[index % sizes.length])
      const key = `${['plain', 'sealed', 'kms'][index % 3]}-${index}`
      await client.ok('PUT', `/${this.bucket}/${key}`, { headers: schemes[index % 3], body })
      this.objects.set(key, digestOf(body))
    })
    await inParallel(Array.from({ length: small }), 8, async (_, index) => {
      const body = `${name}/small-${index}`
      await client.ok('PUT', `/${this.bucket}/small-${index}`, { headers: schemes[index % 3], body })
      this.objects.set(`small-${index}`, digestOf(body))
    })
    await inParallel(Array.from({ length: keys }), 8, () => client.kms('CreateKey', { Description: name }))
  }

  /** What is not as it was made, in words. */
  async faults(client) {
    const answers = await inParallel([...this.objects], 4, async ([key, digest]) => {
      const { content, words } = await contentOf(client, this.bucket, key)
      if (words) return words
      return content === digest ? undefined : `${key} ${content === undefined ? 'is gone' : 'has other bytes'}`
    })
    const opened = await client.kms('Decrypt', { CiphertextBlob: this.ciphertext.CiphertextBlob })
    const isOpened = opened.output.Plaintext === this.ciphertext.Plaintext
    return [...answers.filter(Boolean), ...(isOpened ? [] : [`the ciphertext: ${JSON.stringify(opened.output)}`])]
  }
}

/** What is there at all: an empty emulator has nothing of any of it. */
export async function contentsOf(client) {
  const { body } = await client.ok('GET', '/')
  const buckets = elementsOf(body, 'Name')
  const keys = (await client.kms('ListKeys', {})).output.Keys.length
  const aliases = (await client.kms('ListAliases', {})).output.Aliases.filter(({ TargetKeyId }) => TargetKeyId).length
  return { buckets: buckets.length, keys, aliases }
}
