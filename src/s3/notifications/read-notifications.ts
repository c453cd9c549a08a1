import type { Database } from '../../store/database.ts'
import { dueNotifications, type Notification, notifications } from './notification-record.ts'

export interface NotificationQuery {
  /** Goes on behind the one of that number; default: begins at the oldest that is kept. */
  after?: number
  /** Default: 100. */
  limit?: number
  bucket?: string
}

/** A notification as it is shown. */
export interface ShownNotification {
  /** Grows from one to the next. */
  number: number
  id: string
  /** ISO 8601 */
  time: string
  destination: string
  configurationId?: string
  bucket: string
  key?: string
  /** `kept`: to be read here alone, as there is no address for its destination. */
  delivery: 'kept' | 'pending' | 'delivered' | 'given up'
  /** Of one that is pending: attempts so far, and why the last one failed. */
  attempts?: number
  lastFailure?: string
  message: Record<string, unknown>
}

export interface NotificationPage {
  /** The oldest first. */
  notifications: ShownNotification[]
  /** Where the next page goes on, also when there is nothing yet. */
  next: number
}

/** Reads the notifications that are kept, in the order of their events. */
export async function readNotifications(database: Database, query: NotificationQuery): Promise<NotificationPage> {
  const { after = 0, limit = 100, bucket } = query
  // What was staged before now is visible behind this: numbers appear in their order.
  await database.settled()
  const found: ShownNotification[] = []
  let next = after
  for await (const { key, value } of database.entries(notifications, { after: [after] })) {
    const [number] = key
    if (bucket === undefined || value.bucket === bucket) found.push(shown(database, number, value))
    next = number
    if (found.length >= limit) break
  }
  return { notifications: found, next }
}

function shown(database: Database, number: number, notification: Notification): ShownNotification {
  const { id, time, destination, configurationId, bucket, key, message, delivery } = notification
  const due = delivery === 'wanted' ? database.get(dueNotifications, [destination, number]) : undefined
  const state = delivery === 'wanted' ? (due ? 'pending' : 'delivered') : (delivery ?? 'kept')
  return {
    number,
    id,
    time: new Date(time).toISOString(),
    destination,
    configurationId,
    bucket,
    key,
    delivery: state,
    attempts: due?.attempts,
    lastFailure: due?.lastFailure,
    message,
  }
}
