import { bytesOf, digestOf } from './chance.mjs'
import { elementOf } from './client.mjs'
import { inParallel } from './history.mjs'

/*
 * A bucket with versions that one writer has to itself. Of each key all versions are known, the newest first, so behind a kill
 * there is
 *
 *   acknowledged   v4 v3 (marker) v1      what the list must have, unless
 *   sent           put · mark · erase     the change whose answer never came has happened too
 */

const keys = ['a', 'b/1', 'b/2']
const mostVersions = 8

export class VersionHistory {
  #versions = new Map(keys.map((key) => [key, []]))
  #status = 'Enabled'
  /** The change on its way. */
  #sent
  #bodies = 0

  /** @param {string} bucket exists and has versioning enabled */
  constructor(bucket) {
    this.bucket = bucket
  }

  async make(client) {
    await client.ok('PUT', `/${this.bucket}`)
    await this.#setStatus(client, 'Enabled')
  }

  async #setStatus(client, status) {
    const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
    await client.ok('PUT', `/${this.bucket}`, { query: [['versioning', '']], body })
    this.#status = status
  }

  /** Changes one key: a put, a copy of one of its versions, a marker, the end of a version; now and then the bucket's state. */
  async change(client, chance) {
    if (chance.oneIn(15)) return this.#toggle(client)
    const key = chance.pick(keys)
    const versions = this.#versions.get(key)
    const one = versions.length > 0 ? chance.pick(versions) : undefined
    const choice = versions.length >= mostVersions ? 0 : chance.int(8)
    if (choice < 2 && one) return this.#erase(client, key, one.id)
    if (choice === 2) return this.#add(client, key, undefined, 'DELETE')
    if (choice === 3 && one?.content) {
      const headers = { 'x-amz-copy-source': `/${this.bucket}/${key}?versionId=${one.id}` }
      return this.#add(client, key, one.content, 'PUT', { headers })
    }
    const length = chance.oneIn(4) ? chance.int(400_000) : chance.int(2_000)
    const body = bytesOf(`${this.bucket}/${this.#bodies++}`, length)
    return this.#add(client, key, digestOf(body), 'PUT', { body })
  }

  async #toggle(client) {
    const status = this.#status === 'Enabled' ? 'Suspended' : 'Enabled'
    this.#sent = { status }
    await this.#setStatus(client, status)
    this.#sent = undefined
  }

  async #add(client, key, content, method, more) {
    const versions = this.#versions.get(key)
    this.#sent = { key, behind: (found) => added(versions, { id: found[0]?.id, content }) }
    const { headers } = await client.ok(method, `/${this.bucket}/${key}`, more)
    // A put while versioning is suspended does not say its id.
    this.#versions.set(key, added(versions, { id: headers['x-amz-version-id'] ?? 'null', content }))
    this.#sent = undefined
  }

  async #erase(client, key, id) {
    const left = this.#versions.get(key).filter((version) => version.id !== id)
    this.#sent = { key, behind: () => left }
    await client.ok('DELETE', `/${this.bucket}/${key}`, { query: [['versionId', id]] })
    this.#versions.set(key, left)
    this.#sent = undefined
  }

  /** @returns what is wrong, in words; afterwards what is there is what is known */
  async check(client) {
    const listed = await this.#list(client)
    const faults = await inParallel(keys, 3, (key) => this.#checkKey(client, key, listed.get(key) ?? []))
    if (this.#sent?.status) this.#status = await this.#statusOf(client)
    this.#sent = undefined
    return faults.filter((words) => words !== undefined)
  }

  async #statusOf(client) {
    const { body } = await client.ok('GET', `/${this.bucket}`, { query: [['versioning', '']] })
    return elementOf(body, 'Status')
  }

  async #checkKey(client, key, ids) {
    const found = await inParallel(ids, 4, async (id) => ({ id, content: await this.#contentOf(client, key, id) }))
    const wanted = [this.#versions.get(key)]
    if (this.#sent?.key === key) wanted.push(this.#sent.behind(found))
    this.#versions.set(key, found)
    if (!wanted.some((versions) => shown(versions) === shown(found))) {
      return `${this.bucket}/${key} has the versions ${shown(found)} where ${wanted.map(shown).join(' or ')} was acknowledged`
    }
    const current = await client.s3('GET', `/${this.bucket}/${key}`)
    const content = current.status === 200 ? digestOf(current.body) : undefined
    return content === found[0]?.content
      ? undefined
      : `${this.bucket}/${key}: what is current is not its newest version`
  }

  /** @returns undefined of a delete marker */
  async #contentOf(client, key, id) {
    const answer = await client.s3('GET', `/${this.bucket}/${key}`, { query: [['versionId', id]] })
    if (answer.status === 200) return digestOf(answer.body)
    return answer.status === 405 ? undefined : `${answer.status} ${answer.body.toString('utf8', 0, 200)}`
  }

  /** Key → ids of its versions, the newest first; in pages of a few. */
  async #list(client) {
    const ids = new Map()
    let markers = []
    do {
      const query = [['max-keys', '7'], ['versions', ''], ...markers]
      const text = (await client.ok('GET', `/${this.bucket}`, { query })).body.toString()
      for (const [, , key, id] of text.matchAll(/<(Version|DeleteMarker)><Key>(.*?)<\/Key><VersionId>(.*?)</g)) {
        ids.set(key, [...(ids.get(key) ?? []), id])
      }
      const [, key] = /<NextKeyMarker>(.*?)</.exec(text) ?? []
      const [, id] = /<NextVersionIdMarker>(.*?)</.exec(text) ?? []
      markers =
        key === undefined
          ? []
          : [
              ['key-marker', key],
              ['version-id-marker', id],
            ]
    } while (markers.length > 0)
    return ids
  }
}

function added(versions, version) {
  return [version, ...versions.filter(({ id }) => version.id !== 'null' || id !== 'null')]
}

function shown(versions) {
  return versions.map(({ id, content }) => `${id} ${content?.slice(0, 8) ?? 'marker'}`).join(', ') || 'none'
}
