import { type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { count, mapOf, mark, members, object, oneOf, optional, text, time } from '../../store/record-shape.ts'
import {
  type DueNotification,
  dueNotifications,
  type Notification,
  type NotificationTarget,
  notifications,
  notificationTargets,
} from '../notifications/notification-record.ts'
import { type DueReplication, dueReplications } from '../replication/due-replications.ts'

const notification = {
  id: text,
  time,
  destination: text,
  configurationId: optional(text),
  bucket: text,
  key: optional(text),
  message: object,
  delivery: optional(oneOf('wanted', 'given up')),
}
const attempts = { attempts: count, notBefore: time, lastFailure: optional(text) }

/** What buckets tell, and what of their versions goes elsewhere: what either is about may be gone by then. */
export const announcementChecks: readonly RecordCheck[] = [
  recordCheck(notifications, members<Notification>(notification)),
  recordCheck(dueNotifications, members<DueNotification>({ ...notification, ...attempts })),
  recordCheck(notificationTargets, mapOf(members<NotificationTarget>({ url: text, format: optional(oneOf('sqs')) }))),
  recordCheck(
    dueReplications,
    members<DueReplication>({
      role: text,
      rule: object,
      change: oneOf('version', 'marker', 'amendment'),
      since: time,
      ...attempts,
      hasMissedThreshold: mark,
    }),
  ),
]
