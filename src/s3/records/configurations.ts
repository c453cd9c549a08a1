import type { Database, Reader, Transaction } from '../../store/database.ts'
import { type RecordKind, recordKind } from '../../store/keyspace.ts'

/** Bucket, configuration → its document. Presence is the record's: a configuration that nobody set has none. */
type ConfigurationKind<Value> = RecordKind<Value, ['string', 'string']>

/** A kind of configuration, tied to what its record holds. */
export interface ConfigurationName<Value> {
  readonly name: string
  readonly records: ConfigurationKind<Value>
}

export function configurationName<Value>(name: string): ConfigurationName<Value> {
  return { name, records: recordKind<Value>()('bucketConfiguration', ['string', 'string']) }
}

/** Of a configuration that a bucket may have many of: `metrics/ID`. */
export function identifiedName<Value>(name: string, id: string): ConfigurationName<Value> {
  return configurationName(`${name}/${id}`)
}

export interface Identified<Value> {
  id: string
  value: Value
}

/**
 * The configurations of buckets, each a record of its own: a bucket's record is read at every request, and a long
 * configuration inside it would be too. Reads are synchronous and give the same frozen value until it changes, so that
 * parsed forms can be kept by it; changes are staged in the caller's transaction.
 */
export class ConfigurationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** @returns undefined where nobody set it, or it was deleted */
  find<Value>(
    { name, records }: ConfigurationName<Value>,
    bucket: string,
    reader: Reader = this.#database,
  ): Value | undefined {
    return reader.get(records, [bucket, name])
  }

  put<Value>(
    transaction: Transaction,
    { name, records }: ConfigurationName<Value>,
    bucket: string,
    value: Value,
  ): void {
    transaction.put(records, [bucket, name], value)
  }

  delete(transaction: Transaction, { name, records }: ConfigurationName<unknown>, bucket: string): void {
    transaction.delete(records, [bucket, name])
  }

  /**
   * Those of a bucket that have ids ({@link identifiedName}), in the order of the ids.
   * @param name that they have in common
   * @param after an id, there or not, behind which to begin
   */
  async *identified<Value>(bucket: string, name: string, after?: string): AsyncGenerator<Identified<Value>> {
    const { records } = configurationName<Value>('')
    const beginning = `${name}/`
    const range = {
      within: [bucket],
      beginningWith: beginning,
      after: after === undefined ? undefined : [bucket, beginning + after],
    }
    for await (const { key, value } of this.#database.entries(records, range)) {
      yield { id: key[1].slice(beginning.length), value }
    }
  }

  /** All of a bucket, which goes; its lock keeps others from adding to them. */
  async deleteAll(transaction: Transaction, bucket: string): Promise<void> {
    const { records } = configurationName<unknown>('')
    for await (const { key } of this.#database.entries(records, { within: [bucket] })) transaction.delete(records, key)
  }
}
