import { randomUUID } from 'node:crypto'
import { Refused } from './client.mjs'

/*
 * What KMS acknowledged: keys and whether they are enabled, ciphertexts and what is in them, aliases, and the request id of
 * every call, which the trail must know for ever.
 */

const namesOfOneKey = 40

export class KeyHistory {
  /** Request id → operation, since the last check. */
  #calls = new Map()
  #enabled = new Map()
  #ciphertexts = []
  #aliases = new Map()
  /** The key that is named now, and how many names it was given: a key has 50 at the most. */
  #named = { keyId: undefined, names: 0 }

  /** One call; its event is owed from the answer on. */
  async call(client, operation, input) {
    const answer = await client.kms(operation, input)
    if (answer.status !== 200) throw new Refused(operation, answer)
    this.#calls.set(answer.requestId, operation)
    return answer.output
  }

  async createKey(client) {
    const { KeyMetadata } = await this.call(client, 'CreateKey', { Description: 'torture' })
    this.#enabled.set(KeyMetadata.KeyId, { acknowledged: true })
    return KeyMetadata.KeyId
  }

  async toggle(client, keyId) {
    const state = this.#enabled.get(keyId)
    state.sent = !state.acknowledged
    await this.call(client, state.sent ? 'EnableKey' : 'DisableKey', { KeyId: keyId })
    state.acknowledged = state.sent
    state.sent = undefined
  }

  async encrypt(client, keyId, plaintext) {
    const context = { purpose: randomUUID() }
    const Plaintext = plaintext.toString('base64')
    const input = { KeyId: keyId, Plaintext, EncryptionContext: context }
    const { CiphertextBlob } = await this.call(client, 'Encrypt', input)
    this.#ciphertexts.push({ CiphertextBlob, Plaintext, context })
  }

  async nameKey(client, name) {
    if (this.#named.keyId === undefined || this.#named.names === namesOfOneKey) {
      this.#named = { keyId: await this.createKey(client), names: 0 }
    }
    this.#named.names++
    const { keyId } = this.#named
    this.#aliases.set(name, { sent: keyId })
    await this.call(client, 'CreateAlias', { AliasName: name, TargetKeyId: keyId })
    this.#aliases.set(name, { acknowledged: keyId })
  }

  /** A ciphertext to decrypt, when there is one. */
  someCiphertext(chance) {
    return this.#ciphertexts.length > 0 ? chance.pick(this.#ciphertexts) : undefined
  }

  /** @returns what is wrong, in words */
  async check(client, chance) {
    const faults = []
    for (const [keyId, state] of this.#enabled) {
      const { output, status } = await client.kms('DescribeKey', { KeyId: keyId })
      const found = output.KeyMetadata?.Enabled
      if (status !== 200) faults.push(`key ${keyId}: ${status} ${JSON.stringify(output)}`)
      else if (found !== state.acknowledged && found !== state.sent) {
        faults.push(`key ${keyId} is ${found ? 'enabled' : 'disabled'}; the other was acknowledged`)
      }
      Object.assign(state, { acknowledged: found, sent: undefined })
    }
    for (let round = 0; round < 10; round++) {
      const one = this.someCiphertext(chance)
      if (one) faults.push(...(await decryptFault(client, one)))
    }
    return [...faults, ...(await this.#checkAliases(client))]
  }

  async #checkAliases(client) {
    const faults = []
    for (const [name, { acknowledged, sent }] of this.#aliases) {
      const { output } = await client.kms('DescribeKey', { KeyId: name })
      const found = output.KeyMetadata?.KeyId
      const isRight = acknowledged === undefined ? found === undefined || found === sent : found === acknowledged
      if (!isRight) faults.push(`${name} names ${found}, not ${acknowledged}`)
      if (found === undefined) this.#aliases.delete(name)
      else this.#aliases.set(name, { acknowledged: found })
    }
    return faults
  }

  /** Compares what was called with the request ids of the trail. */
  checkTrail(requestIds) {
    const missing = [...this.#calls].filter(([requestId]) => !requestIds.has(requestId))
    this.#calls.clear()
    return missing.map(([requestId, operation]) => `the trail has no event of ${operation} ${requestId}`)
  }
}

async function decryptFault(client, { CiphertextBlob, Plaintext, context }) {
  const { status, output } = await client.kms('Decrypt', { CiphertextBlob, EncryptionContext: context })
  if (status === 200 && output.Plaintext === Plaintext) return []
  return [`a ciphertext does not open: ${status} ${JSON.stringify(output).slice(0, 200)}`]
}

/**
 * The trail's records since a moment, newest first.
 * @param {number} since ms since the epoch; events of its second are among them
 */
export async function eventsSince(client, since) {
  const records = []
  const oldest = Math.floor(since / 1000) * 1000
  let NextToken
  do {
    const answer = await client.lookup({ NextToken })
    if (answer.status !== 200) throw new Refused('LookupEvents', answer)
    for (const { CloudTrailEvent } of answer.output.Events) {
      const record = JSON.parse(CloudTrailEvent)
      if (Date.parse(record.eventTime) < oldest) return records
      records.push(record)
    }
    NextToken = answer.output.NextToken
  } while (NextToken)
  return records
}
