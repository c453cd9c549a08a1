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

  /** All of a bucket, which goes; its lock keeps others from adding to them. */
  async deleteAll(transaction: Transaction, bucket: string): Promise<void> {
    const { records } = configurationName<unknown>('')
    for await (const { key } of this.#database.entries(records, { within: [bucket] })) transaction.delete(records, key)
  }
}
