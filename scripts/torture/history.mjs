import { digestOf } from './chance.mjs'

/*
 * What was acknowledged, and what was on its way when the process ended. A key has one writer, so at any moment there is
 *
 *   acknowledged   the content it must have, unless
 *   sent           the content it may have as well: the answer never came
 *
 * A content is the digest of a body, or undefined for no object.
 */

export class ObjectHistory {
  #keys = new Map()
  #touched = new Set()

  /** The content that the key's writer knows of. */
  acknowledged(key) {
    return this.#keys.get(key)?.acknowledged
  }

  /** Records a change around its request; one that throws stays on its way. */
  async change(key, content, send) {
    const known = this.#keys.get(key) ?? { acknowledged: undefined, ever: new Set() }
    this.#keys.set(key, known)
    this.#touched.add(key)
    known.ever.add(content)
    known.sent = { content }
    await send()
    known.acknowledged = content
    known.sent = undefined
  }

  /** Whether a reader beside the writer may have seen it: some content that the key had once. */
  wasEver(key, content) {
    return this.#keys.get(key)?.ever.has(content) ?? content === undefined
  }

  get names() {
    return [...this.#keys.keys()]
  }

  /**
   * Reads the keys that changed since the last time (or all) and compares.
   * @returns what is wrong, in words
   */
  async check(client, bucket, { all = false } = {}) {
    const keys = all ? this.names : [...this.#touched]
    this.#touched.clear()
    const found = await inParallel(keys, 8, (key) => this.#checkOne(client, bucket, key))
    return found.filter((words) => words !== undefined)
  }

  async #checkOne(client, bucket, key) {
    const known = this.#keys.get(key)
    const { content, words } = await contentOf(client, bucket, key)
    if (words) return words
    const allowed = [known.acknowledged, ...(known.sent ? [known.sent.content] : [])]
    const wanted = allowed.map((one) => one?.slice(0, 8) ?? 'nothing').join(' or ')
    const isRight = allowed.includes(content)
    known.acknowledged = content
    known.sent = undefined
    if (isRight) return undefined
    const old = known.ever.has(content) ? 'an older content' : 'what nobody wrote'
    return `${key} holds ${content === undefined ? 'nothing' : `${content.slice(0, 8)}, ${old},`} where ${wanted} was acknowledged`
  }
}

/** The content of a key, or what came in its place. */
export async function contentOf(client, bucket, key) {
  const answer = await client.s3('GET', `/${bucket}/${key}`)
  if (answer.status === 200) return { content: digestOf(answer.body) }
  if (answer.status === 404) return { content: undefined }
  return { words: `GET ${key}: ${answer.status} ${answer.body.toString('utf8', 0, 200)}` }
}

/** Works on a list, so many at a time; the results in the order of the list. */
export async function inParallel(list, width, work) {
  const results = new Array(list.length)
  let next = 0
  const worker = async () => {
    while (next < list.length) {
      const index = next++
      results[index] = await work(list[index], index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker))
  return results
}

/** Repeats until it answers something, or throws when that takes too long. */
export async function until(what, seconds, look) {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (performance.now() > end) throw new Error(`not so after ${seconds} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
