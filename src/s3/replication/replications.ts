import type { Ambient } from '../../ambient.ts'
import type { Log } from '../../log.ts'
import type { Database, Transaction } from '../../store/database.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ConfigurationStore } from '../records/configurations.ts'
import type { DeleteMarker, ObjectRecord } from '../records/object-record.ts'
import { type ReplicationRecord, withProgress } from '../records/replication.ts'
import { stageAnew } from '../records/versions.ts'
import { type DueReplication, dueKeyOf, dueReplications } from './due-replications.ts'
import {
  destinationNameOf,
  type ReplicationRule,
  rulesForAmendment,
  rulesForMarker,
  rulesForVersion,
  type StoredReplication,
  storedReplication,
} from './replication-rules.ts'

/*
 * What is to be replicated is staged in the transaction of the change, so there is no version that should be replicated and never is:
 *
 *   change ─▶ rules ─▶ status PENDING, due ─▶ one commit ─▶ answer
 *                                                └─▶ replicas are made (`replicas/`) ─▶ replica, status COMPLETED, no longer due:
 *                                                                                      one commit
 */

/** What makes replicas of what is due. */
export interface ReplicationWork {
  /** Begins, unless it is under way. */
  begin(): void
  /** Resolves once everything was tried that is due at this moment. */
  settled(): Promise<void>
  /** Ends what is under way; it stays due. */
  close(): Promise<void>
}

export interface ReplicationOptions {
  database: Database
  ambient: Ambient
  configurations: ConfigurationStore
  log: Log
  /** Loads it, when something is first to be replicated. */
  load(): Promise<ReplicationWork>
}

/** What buckets replicate. Of a bucket without a configuration nothing is asked but whether it has one. */
export class Replications {
  readonly #options: ReplicationOptions
  #work: Promise<ReplicationWork> | undefined
  #hasEnded = false

  constructor(options: ReplicationOptions) {
    this.#options = options
  }

  /** Stages the replication of an object that was just staged as the newest version of its key. */
  stageVersion(transaction: Transaction, bucket: BucketRecord, key: string, record: ObjectRecord): void {
    const configuration = this.#configurationOf(transaction, bucket)
    if (!configuration) return
    const { attributes, envelope } = record
    const rules = rulesForVersion(configuration, { key, attributes, scheme: envelope.scheme })
    if (rules.length === 0) return
    const replication = this.#stage(transaction, { bucket, key, version: record }, configuration, rules, 'version')
    stageAnew(transaction, [bucket.name, key], { ...record, replication })
  }

  /** Stages the replication of a delete marker that a caller has put; lifecycle's own are not replicated. */
  stageMarker(transaction: Transaction, bucket: BucketRecord, key: string, version: DeleteMarker): void {
    const configuration = this.#configurationOf(transaction, bucket)
    if (!configuration) return
    const rules = rulesForMarker(configuration, key)
    this.#stage(transaction, { bucket, key, version }, configuration, rules, 'marker')
  }

  /**
   * Stages the replication of tags, ACL or lock that were changed.
   * @returns the record with its status, for the caller to stage
   */
  stageAmendment(transaction: Transaction, bucket: BucketRecord, key: string, record: ObjectRecord): ObjectRecord {
    const configuration = record.replication && this.#configurationOf(transaction, bucket)
    if (!configuration || !record.replication) return record
    const rules = rulesForAmendment(configuration, key, record.replication)
    const replication = this.#stage(transaction, { bucket, key, version: record }, configuration, rules, 'amendment')
    return { ...record, replication }
  }

  /** A chore: begins what is due. */
  async sweep(): Promise<void> {
    if (this.#options.ambient.isRepeatable) await this.settle()
    else await this.#beginDue()
  }

  /** Resolves once everything was tried that is due at this moment. */
  async settle(): Promise<void> {
    await this.#beginDue()
    await (await this.#work)?.settled()
  }

  async #beginDue(): Promise<void> {
    for await (const _ of this.#options.database.entries(dueReplications, { limit: 1 })) return this.#begin()
  }

  /** When something is tried again next, in ms since the epoch. */
  async next(now: number): Promise<number | undefined> {
    let next: number | undefined
    for await (const { value } of this.#options.database.entries(dueReplications)) {
      if (value.notBefore > now) next = Math.min(next ?? value.notBefore, value.notBefore)
    }
    return next
  }

  /** Ends the work; what is not done is done another time. */
  async close(): Promise<void> {
    this.#hasEnded = true
    await (await this.#work)?.close()
  }

  #configurationOf(transaction: Transaction, { name, replicates }: BucketRecord): StoredReplication | undefined {
    return replicates && this.#options.configurations.find(storedReplication, name, transaction)
  }

  #stage(
    transaction: Transaction,
    { bucket, key, version }: { bucket: BucketRecord; key: string; version: ObjectRecord | DeleteMarker },
    { Role: role }: StoredReplication,
    rules: readonly ReplicationRule[],
    change: DueReplication['change'],
  ): ReplicationRecord {
    let replication = ('replication' in version && version.replication) || {}
    for (const rule of rules) {
      const destination = destinationNameOf(rule)
      const due = dueKeyOf({ bucket: bucket.name, key, versionId: version.versionId, destination })
      replication = withProgress(replication, destination, 'PENDING')
      // What is due already will be done as the version is by then.
      if (transaction.get(dueReplications, due)) continue
      const since = this.#options.ambient.now()
      transaction.put(dueReplications, due, { role, rule, change, since, attempts: 0, notBefore: 0 })
    }
    if (rules.length > 0) transaction.afterCommit(() => this.#wake())
    return replication
  }

  /** Where chance is to be the same in every run, nothing takes of it beside a request: the next sweep, or a turn of the clock, begins it. */
  #wake(): void {
    if (!this.#options.ambient.isRepeatable) this.#begin()
  }

  #begin(): void {
    if (this.#hasEnded) return
    const { load, log } = this.#options
    this.#work ??= load()
    this.#work.then(
      (work) => {
        if (!this.#hasEnded) work.begin()
      },
      (error) => log.error('nothing can be replicated', error),
    )
  }
}
