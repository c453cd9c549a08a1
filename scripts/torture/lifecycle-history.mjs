import { createHash } from 'node:crypto'
import { bytesOf, digestOf } from './chance.mjs'
import { elementsOf } from './client.mjs'
import { inParallel } from './history.mjs'

/*
 * A key of a bucket with versions, locks and a lifecycle, that one writer has to itself. What the lifecycle did is known by its events:
 *
 *   versions that were there or written + markers that events tell ─ versions that were erased or events tell to be gone = what is listed
 *
 * Of what is gone the time had come and no lock kept it; of what is there nothing was due when it was settled.
 */

const day = 86_400_000
export const days = { expiry: 2, noncurrent: 3, upload: 1 }

/** The midnight at which so many days are over. @param time ms since the epoch */
function dueAfter(time, count) {
  return Math.ceil(time / day) * day + count * day
}

export class KeyHistory {
  /** The newest first. `wrote` and `since` (it is noncurrent): ms since the epoch, not later than it was. */
  #versions = []
  #erased = new Set()
  /** The change on its way. */
  #sent
  #bodies = 0

  constructor(bucket, key) {
    this.bucket = bucket
    this.key = key
  }

  /** @param now ms since the epoch, by the emulator's clock, not later than it is */
  async change(client, chance, now) {
    const free = this.#versions.filter(({ until = 0 }) => until < now)
    const choice = chance.int(8)
    if (choice === 0) return this.#add(undefined, now, () => this.#send(client, 'DELETE'))
    if (choice === 1 && free.length > 0) return this.#erase(client, chance.pick(free))
    const body = bytesOf(`${this.key}/${this.#bodies++}`, chance.between(1, 2000))
    // Whoever turns the clock meanwhile turns it by two days at the most.
    const until = chance.oneIn(5) ? now + chance.between(3, 6) * day : undefined
    const headers = {
      'content-md5': createHash('md5').update(body).digest('base64'),
      ...(until && {
        'x-amz-object-lock-mode': 'GOVERNANCE',
        'x-amz-object-lock-retain-until-date': new Date(until).toISOString(),
      }),
    }
    await this.#add(digestOf(body), now, () => this.#send(client, 'PUT', { headers, body }), until)
  }

  #send(client, method, more) {
    return client.ok(method, `/${this.bucket}/${this.key}`, more)
  }

  async #add(content, now, send, until) {
    this.#sent = { content, isAddition: true }
    const { headers } = await send()
    const [before] = this.#versions
    if (before) before.since ??= now
    this.#versions.unshift({ id: headers['x-amz-version-id'], content, wrote: now, until })
    this.#sent = undefined
  }

  async #erase(client, { id }) {
    this.#sent = { erased: id }
    await this.#send(client, 'DELETE', { query: [['versionId', id]] })
    this.#erased.add(id)
    this.#sent = undefined
  }

  /**
   * Holds what is there against what is known; afterwards that is what is known.
   * @param listed its versions, the newest first: id, `isMarker`, `modified` (ms since the epoch)
   * @param events of its lifecycle since the last check: `kind` ('Delete', 'DeleteMarkerCreated'), id, time
   * @param settled ms since the epoch: what was due by then is done
   * @returns what is wrong, in words
   */
  async check(client, listed, events, settled) {
    const found = await inParallel(listed, 4, (version) => this.#read(client, version))
    const faults = [
      ...this.#compare(found, events),
      ...this.#undue(events),
      ...(this.#erased.size + (this.#sent ? 1 : 0) > 0 ? [] : overdue(found, settled)),
    ]
    const known = new Map(this.#versions.map((version) => [version.id, version]))
    this.#versions = found.map((version, index) => ({
      ...version,
      since: index === 0 ? undefined : (known.get(version.id)?.since ?? found[index - 1].wrote),
    }))
    this.#erased.clear()
    this.#sent = undefined
    return faults.map((words) => `${this.bucket}/${this.key}: ${words}`)
  }

  async #read(client, { id, isMarker, modified }) {
    if (isMarker) return { id, content: undefined, wrote: modified }
    const { status, body, headers } = await client.s3('GET', `/${this.bucket}/${this.key}`, {
      query: [['versionId', id]],
    })
    const until = headers['x-amz-object-lock-retain-until-date']
    const content = status === 200 ? digestOf(body) : `${status} ${body.toString('utf8', 0, 200)}`
    return { id, content, wrote: modified, until: until && Date.parse(until) }
  }

  /** What is there is what was, and what events tell. */
  #compare(found, events) {
    const [created, deleted] = ['DeleteMarkerCreated', 'Delete'].map(
      (wanted) => new Set(events.filter(({ kind }) => kind === wanted).map(({ id }) => id)),
    )
    const faults = []
    if (created.size + deleted.size !== events.length) faults.push('an event is there twice')
    const known = new Map(this.#versions.map((version) => [version.id, version]))
    const unknown = new Set(
      [...found.map(({ id }) => id), ...deleted].filter((id) => !known.has(id) && !created.has(id)),
    )
    if (unknown.size > (this.#sent?.isAddition ? 1 : 0)) faults.push(`nobody wrote ${[...unknown].join(', ')}`)
    for (const { id, content } of found) {
      if (deleted.has(id)) faults.push(`${id} is told to be gone and is there`)
      if (this.#erased.has(id)) faults.push(`${id} was erased and is there`)
      if (created.has(id) && content !== undefined) faults.push(`${id} is told to be a marker and is none`)
      const wanted = unknown.has(id) ? this.#sent : known.get(id)
      if (wanted && wanted.content !== content) faults.push(`${id} has other bytes: ${content}`)
    }
    const ids = new Set(found.map(({ id }) => id))
    for (const id of [...known.keys(), ...created]) {
      const mayBeGone = deleted.has(id) || this.#erased.has(id) || this.#sent?.erased === id
      if (!ids.has(id) && !mayBeGone) faults.push(`${id} is gone without a word`)
    }
    return faults
  }

  /** What was done before its time, or in spite of a lock. */
  #undue(events) {
    const faults = []
    for (const { kind, id, time } of events) {
      const version = this.#versions.find((one) => one.id === id)
      if (kind === 'DeleteMarkerCreated') {
        const wasDue =
          this.#sent || this.#versions.some(({ content, wrote }) => content && dueAfter(wrote, days.expiry) <= time)
        if (!wasDue) faults.push(`a marker was put over what is too young, at ${shown(time)}`)
      } else if (version && firstEnd(version) > time)
        faults.push(`${id} went at ${shown(time)}, before ${shown(firstEnd(version))}`)
      if (version?.until > time) faults.push(`${id} went at ${shown(time)}, locked until ${shown(version.until)}`)
    }
    return faults
  }
}

/** When a version may go at the earliest. */
function firstEnd({ content, wrote, since }) {
  const expiry = dueAfter(wrote, days.expiry)
  const noncurrent = dueAfter(since ?? expiry, days.noncurrent)
  return content === undefined ? Math.min(expiry, noncurrent) : noncurrent
}

/** What should be gone; lists show no more than the second in which something was written. */
function overdue(found, settled) {
  const faults = []
  for (const [index, { id, content, wrote, until = 0 }] of found.entries()) {
    const end =
      index > 0
        ? Math.max(dueAfter(found[index - 1].wrote + 999, days.noncurrent), dueAfter(until, 0))
        : dueAfter(wrote + 999, days.expiry)
    const isLeft = index === 0 && content === undefined && found.length > 1
    if (end <= settled && !isLeft) faults.push(`${id} is there still, and was to go at ${shown(end)}`)
  }
  return faults
}

function shown(time) {
  return new Date(time).toISOString()
}

/** Uploads in progress: each is given up when its time has come, not before. */
export class UploadHistory {
  #uploads = []

  constructor(bucket) {
    this.bucket = bucket
  }

  async create(client, key, now) {
    const { body } = await client.ok('POST', `/${this.bucket}/${key}`, { query: [['uploads', '']] })
    this.#uploads.push({ id: elementsOf(body, 'UploadId')[0], from: now, to: undefined })
  }

  /** @param settled as of {@link KeyHistory.check} @param now ms since the epoch, not earlier than it is */
  async check(client, settled, now) {
    const { body } = await client.ok('GET', `/${this.bucket}`, { query: [['uploads', '']] })
    const ids = new Set(elementsOf(body, 'UploadId'))
    const faults = []
    for (const upload of this.#uploads) {
      upload.to ??= now
      const [first, last] = [dueAfter(upload.from, days.upload), dueAfter(upload.to, days.upload)]
      if (ids.has(upload.id) && last <= settled)
        faults.push(`an upload is there still, which was to go at ${shown(last)}`)
      if (!ids.has(upload.id) && first > now) faults.push(`an upload is gone before ${shown(first)}`)
    }
    this.#uploads = this.#uploads.filter(({ id }) => ids.has(id))
    return faults
  }
}
