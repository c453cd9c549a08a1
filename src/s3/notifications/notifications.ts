import type { Ambient } from '../../ambient.ts'
import type { Log } from '../../log.ts'
import { type Database, settings, type Transaction } from '../../store/database.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ConfigurationStore } from '../records/configurations.ts'
import type { Delivery } from './delivery/delivery.ts'
import type { CausingRequest, EventCause, ObjectEvent } from './event.ts'
import { bridgeMessage, eventBusArn, recordMessage, testMessage } from './messages.ts'
import {
  dueNotifications,
  keptNotifications,
  type Notification,
  type NotificationTarget,
  notifications,
  notificationTargets,
  targetsKey,
} from './notification-record.ts'
import {
  type NotificationRule,
  rulesOf,
  type StoredConfiguration,
  storedConfiguration,
  wants,
} from './stored-configuration.ts'

/*
 * An event is staged in the transaction of the change that it tells of, so there is no event without its change and no change
 * without its event:
 *
 *   change ─▶ stage ─▶ one commit ─▶ answer
 *                          └─▶ delivery, by itself ─▶ the receiver says 2xx ─▶ no longer due
 *
 * Numbers are given when the commit begins, so they become visible in their order: who reads on behind a number misses none.
 */

export interface NotificationOptions {
  database: Database
  ambient: Ambient
  configurations: ConfigurationStore
  log: Log
  /** Where everything goes whose destination has no address of its own. */
  notifyUrl?: string
}

const runs: ['notification-runs'] = ['notification-runs']
const notificationsOfOneRun = 2 ** 32

/** What buckets tell of their objects. */
export class Notifications {
  readonly #options: NotificationOptions
  /** Compiled once for each document: the store gives the same value until it changes. */
  readonly #rules = new WeakMap<StoredConfiguration, NotificationRule[]>()
  readonly #firstNumber: number
  #nextNumber: number
  #isRunCounted = false
  #delivery: Promise<Delivery> | undefined
  #isTidy = false
  #hasEnded = false

  constructor(options: NotificationOptions) {
    this.#options = options
    this.#firstNumber = ((options.database.get(settings, runs) ?? 0) + 1) * notificationsOfOneRun
    this.#nextNumber = this.#firstNumber
  }

  /** Stages what the bucket's configuration wants to be told of an event, beside the change itself. Nothing where there is none. */
  stage(transaction: Transaction, bucket: BucketRecord, event: ObjectEvent, cause: EventCause): void {
    if (bucket.notifies) transaction.beforeCommit(() => this.#stage(transaction, bucket, event, cause))
  }

  #stage(transaction: Transaction, bucket: BucketRecord, event: ObjectEvent, cause: EventCause): void {
    const { configurations, ambient } = this.#options
    const configuration = configurations.find(storedConfiguration, bucket.name, transaction)
    if (!configuration) return
    const { name, key } = event
    const placed = { ...event, time: event.time ?? ambient.now(), sequencer: sequencerOf(this.#nextNumber) }
    const about = { time: placed.time, bucket: bucket.name, key }
    for (const rule of this.#rulesOf(configuration)) {
      if (!wants(rule, name, key)) continue
      const { id: configurationId, destination } = rule
      const message = recordMessage(bucket, placed, cause, configurationId)
      this.#add(transaction, { id: ambient.uuid(), ...about, destination, configurationId, message })
    }
    if (configuration.EventBridgeConfiguration === undefined) return
    const id = ambient.uuid()
    const message = bridgeMessage(bucket, placed, cause, id)
    if (message) this.#add(transaction, { id, ...about, destination: eventBusArn(bucket), message })
  }

  /** Stages the test events that queues and topics get when they are configured. */
  stageTest(
    transaction: Transaction,
    bucket: string,
    destinations: readonly string[],
    cause: Pick<CausingRequest, 'requestId' | 'hostId'>,
  ): void {
    const { ambient } = this.#options
    transaction.beforeCommit(() => {
      const time = ambient.now()
      for (const destination of destinations) {
        this.#add(transaction, {
          id: ambient.uuid(),
          time,
          bucket,
          destination,
          message: testMessage(bucket, time, cause),
        })
      }
    })
  }

  /** Whether a queue, a topic, a function of that ARN is there, as far as is known: any, unless addresses were given for some. */
  knows(destination: string): boolean {
    return this.targetOf(destination) !== undefined || this.#targets() === undefined
  }

  /** The address that stands for a destination. */
  targetOf(destination: string): NotificationTarget | undefined {
    const { notifyUrl } = this.#options
    return this.#targets()?.[destination] ?? (notifyUrl === undefined ? undefined : { url: notifyUrl })
  }

  #targets(): Readonly<Record<string, NotificationTarget>> | undefined {
    return this.#options.database.get(notificationTargets, targetsKey)
  }

  /** A chore: forgets what is too old, and begins what is due to be delivered. Nothing where there never was a notification. */
  async sweep(): Promise<void> {
    const { database } = this.#options
    if (database.get(settings, runs) === undefined) return
    if (!this.#isTidy) await this.#tidy()
    this.#isTidy = true
    for await (const _ of database.entries(dueNotifications, { limit: 1 })) return this.#wake()
  }

  /** Resolves once everything was tried that is due at this moment. */
  async settle(): Promise<void> {
    await this.sweep()
    await (await this.#delivery)?.settled()
  }

  /** Ends delivery; what is not acknowledged is delivered another time. */
  async close(): Promise<void> {
    this.#hasEnded = true
    await (await this.#delivery)?.close()
  }

  #rulesOf(configuration: StoredConfiguration): NotificationRule[] {
    const known = this.#rules.get(configuration)
    if (known) return known
    const rules = rulesOf(configuration)
    this.#rules.set(configuration, rules)
    return rules
  }

  #add(transaction: Transaction, notification: Notification): void {
    const number = this.#takeNumber(transaction)
    const { destination } = notification
    const isDue = this.targetOf(destination) !== undefined
    const kept: Notification = isDue ? { ...notification, delivery: 'wanted' } : notification
    transaction.add(notifications, [number], kept)
    const oldest = number - keptNotifications
    if (oldest >= this.#firstNumber) transaction.delete(notifications, [oldest])
    if (!isDue) return
    transaction.add(dueNotifications, [destination, number], { ...kept, attempts: 0, notBefore: 0 })
    transaction.afterCommit(() => this.#wake(destination))
  }

  /** The run is counted by the first transactions that are committed: all of them say the same. */
  #takeNumber(transaction: Transaction): number {
    if (!this.#isRunCounted) {
      transaction.put(settings, runs, this.#firstNumber / notificationsOfOneRun)
      transaction.afterCommit(() => {
        this.#isRunCounted = true
      })
    }
    return this.#nextNumber++
  }

  /** Leaves the newest of earlier runs, and of this one. */
  async #tidy(): Promise<void> {
    const { database } = this.#options
    let count = 0
    for await (const _ of database.entries(notifications)) count++
    for (let batch = 0; count > keptNotifications; count -= batch) {
      const transaction = database.transaction()
      batch = 0
      const limit = Math.min(count - keptNotifications, 256)
      for await (const { key } of database.entries(notifications, { limit })) {
        transaction.delete(notifications, key)
        batch++
      }
      await transaction.commit()
      if (batch === 0) return
    }
  }

  /** Begins delivery, which is loaded when something is first to be delivered. */
  #wake(destination?: string): void {
    if (this.#hasEnded) return
    const { database, ambient, log } = this.#options
    this.#delivery ??= import('./delivery/delivery.ts').then(
      ({ Delivery }) => new Delivery({ database, ambient, log, targetOf: (arn) => this.targetOf(arn) }),
    )
    this.#delivery.then(
      (delivery) => {
        if (!this.#hasEnded) delivery.begin(destination)
      },
      (error) => log.error('notifications cannot be delivered', error),
    )
  }
}

function sequencerOf(number: number): string {
  return number.toString(16).toUpperCase().padStart(18, '0')
}
