import { createHash } from 'node:crypto'
import { bytesOf, digestOf } from './chance.mjs'
import { elementsOf } from './client.mjs'
import { inParallel } from './history.mjs'

/*
 * A bucket with object lock that one writer has to itself. Of each key all versions are known, the newest first, with their locks:
 *
 *   put with a lock · hold on, off · retention longer, shorter, away (bypass) · delete marker · deletion of a version, with a bypass or not
 *
 * What a lock keeps is refused to the writer, and there behind a kill; what was on its way happened or did not.
 */

const keysAtOnce = 3
const mostVersions = 8
const day = 86_400_000
const bypass = { 'x-amz-bypass-governance-retention': 'true' }

export class LockHistory {
  /** Refusals of what a lock keeps. */
  refused = 0
  #versions = new Map(Array.from({ length: keysAtOnce }, (_, index) => [`key-${index}`, []]))
  /** The change on its way: a key, and its versions where it happened. */
  #sent
  #bodies = 0

  /** @param {string} bucket which is made with object lock */
  constructor(bucket) {
    this.bucket = bucket
  }

  make(client) {
    return client.ok('PUT', `/${this.bucket}`, { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
  }

  async change(client, chance) {
    const key = this.#keyToChange(chance)
    const versions = this.#versions.get(key)
    const one = versions.length > 0 ? chance.pick(versions) : undefined
    const choice = versions.length >= mostVersions ? 0 : chance.int(10)
    if (choice < 3 && one) return this.#erase(client, key, one, chance.oneIn(2))
    if (choice === 3) return this.#mark(client, key)
    if (choice === 4 && one?.content) return this.#hold(client, key, one, chance)
    if (choice === 5 && one?.content) return this.#retain(client, key, one, chance)
    return this.#put(client, key, chance)
  }

  /** One of the newest; where locks have filled it, a new one takes its place. */
  #keyToChange(chance) {
    const names = [...this.#versions.keys()]
    const key = chance.pick(names.slice(-keysAtOnce))
    const versions = this.#versions.get(key)
    if (versions.length < mostVersions || versions.some((version) => !isKept(version, true))) return key
    const next = `key-${names.length}`
    this.#versions.set(next, [])
    return next
  }

  async #put(client, key, chance) {
    const body = bytesOf(`${this.bucket}/${this.#bodies++}`, chance.oneIn(6) ? chance.int(400_000) : chance.int(2_000))
    const lock = { ...retentionOf(chance), hold: chance.oneIn(4) }
    const headers = {
      'content-md5': md5Of(body),
      ...(lock.mode && { 'x-amz-object-lock-mode': lock.mode, 'x-amz-object-lock-retain-until-date': dateOf(lock) }),
      ...(lock.hold && { 'x-amz-object-lock-legal-hold': 'ON' }),
    }
    await this.#add(key, { content: digestOf(body), ...lock }, () =>
      client.ok('PUT', `/${this.bucket}/${key}`, { headers, body }),
    )
  }

  #mark(client, key) {
    return this.#add(key, { content: undefined, hold: false }, () => client.ok('DELETE', `/${this.bucket}/${key}`))
  }

  async #add(key, version, send) {
    const versions = this.#versions.get(key)
    this.#sent = { key, behind: (found) => [{ ...version, id: found[0]?.id }, ...versions] }
    const { headers } = await send()
    this.#settle(key, [{ ...version, id: headers['x-amz-version-id'] }, ...versions])
  }

  #hold(client, key, one, chance) {
    const hold = chance.oneIn(2)
    const body = `<LegalHold><Status>${hold ? 'ON' : 'OFF'}</Status></LegalHold>`
    return this.#amend(key, one, { hold }, () => this.#putLock(client, key, one, 'legal-hold', body, {}))
  }

  async #retain(client, key, one, chance) {
    const asked = chance.oneIn(4) ? { mode: undefined, until: undefined } : retentionOf(chance, true)
    const content = asked.mode ? `<Mode>${asked.mode}</Mode><RetainUntilDate>${dateOf(asked)}</RetainUntilDate>` : ''
    const send = () => this.#putLock(client, key, one, 'retention', `<Retention>${content}</Retention>`, bypass)
    const isLess = asked.mode !== 'COMPLIANCE' || asked.until < one.until
    if (one.mode === 'COMPLIANCE' && isLess) return this.#expectRefusal(`less retention of ${key}`, send)
    await this.#amend(key, one, asked, send)
  }

  #putLock(client, key, { id }, subresource, body, headers) {
    const query = [
      [subresource, ''],
      ['versionId', id],
    ]
    return client.ok('PUT', `/${this.bucket}/${key}`, {
      query,
      body,
      headers: { ...headers, 'content-md5': md5Of(body) },
    })
  }

  async #amend(key, one, lock, send) {
    const amended = this.#versions
      .get(key)
      .map((version) => (version.id === one.id ? { ...version, ...lock } : version))
    this.#sent = { key, behind: () => amended }
    await send()
    this.#settle(key, amended)
  }

  async #erase(client, key, one, bypasses) {
    const send = () => this.#delete(client, key, one, bypasses ? bypass : {})
    if (isKept(one, bypasses)) return this.#expectRefusal(`the deletion of ${shown([one])} of ${key}`, send)
    const left = this.#versions.get(key).filter(({ id }) => id !== one.id)
    this.#sent = { key, behind: () => left }
    await send()
    this.#settle(key, left)
  }

  #delete(client, key, { id }, headers) {
    return client.ok('DELETE', `/${this.bucket}/${key}`, { query: [['versionId', id]], headers })
  }

  #settle(key, versions) {
    this.#versions.set(key, versions)
    this.#sent = undefined
  }

  /** @throws Error where it is not refused, or the connection breaks */
  async #expectRefusal(what, send) {
    const refusal = await send().then(
      () => undefined,
      (error) => error,
    )
    if (refusal && !refusal.answer) throw refusal
    if (refusal?.answer.status === 403) this.refused++
    else this.fault = `${this.bucket}: ${what} was answered ${refusal?.answer.status ?? 'with success'}`
  }

  /** @returns what is wrong, in words; afterwards what is there is what is known */
  async check(client) {
    const faults = await inParallel([...this.#versions.keys()], 3, (key) => this.#checkKey(client, key))
    const own = this.fault
    this.#sent = undefined
    this.fault = undefined
    return [own, ...faults].filter((words) => words !== undefined)
  }

  async #checkKey(client, key) {
    const ids = await this.#idsOf(client, key)
    const found = await inParallel(ids, 4, (id) => this.#versionOf(client, key, id))
    const wanted = [this.#versions.get(key)]
    if (this.#sent?.key === key) wanted.push(this.#sent.behind(found))
    this.#versions.set(key, found)
    if (!wanted.some((versions) => shown(versions) === shown(found))) {
      return `${this.bucket}/${key} has the versions ${shown(found)} where ${wanted.map(shown).join(' or ')} was acknowledged`
    }
    const kept = found.find((version) => isKept(version, true))
    if (kept)
      await this.#expectRefusal(`the deletion of ${shown([kept])} of ${key}`, () =>
        this.#delete(client, key, kept, bypass),
      )
    return undefined
  }

  async #versionOf(client, key, id) {
    const { status, body, headers } = await client.s3('GET', `/${this.bucket}/${key}`, { query: [['versionId', id]] })
    if (status === 405) return { id, content: undefined, hold: false }
    const until = headers['x-amz-object-lock-retain-until-date']
    return {
      id,
      content: status === 200 ? digestOf(body) : `${status} ${body.toString('utf8', 0, 200)}`,
      mode: headers['x-amz-object-lock-mode'],
      until: until && Date.parse(until),
      hold: headers['x-amz-object-lock-legal-hold'] === 'ON',
    }
  }

  /** Of the versions of a key, the newest first. */
  async #idsOf(client, key) {
    const query = [
      ['prefix', key],
      ['versions', ''],
    ]
    const { body } = await client.ok('GET', `/${this.bucket}`, { query })
    const ids = elementsOf(body, 'VersionId')
    return elementsOf(body, 'Key').flatMap((found, index) => (found === key ? [ids[index]] : []))
  }
}

/** Whether a lock keeps a version from being deleted. All retentions end long after the run. */
function isKept({ mode, hold }, bypasses) {
  return hold || mode === 'COMPLIANCE' || (mode === 'GOVERNANCE' && !bypasses)
}

function retentionOf(chance, isWanted = chance.oneIn(2)) {
  if (!isWanted) return { mode: undefined, until: undefined }
  const until = (Math.floor(Date.now() / 1000) + chance.between(10, 1000) * (day / 1000)) * 1000
  // Those that nobody can take away fill the keys.
  return { mode: chance.oneIn(5) ? 'COMPLIANCE' : 'GOVERNANCE', until }
}

function dateOf({ until }) {
  return new Date(until).toISOString()
}

function md5Of(bytes) {
  return createHash('md5').update(bytes).digest('base64')
}

function shown(versions) {
  const words = ({ id, content, mode, until, hold }) =>
    [id, content?.slice(0, 8) ?? 'marker', mode && `${mode} until ${dateOf({ until })}`, hold && 'held'].filter(Boolean)
  return versions.map((version) => words(version).join(' ')).join(', ') || 'none'
}
