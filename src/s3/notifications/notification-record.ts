import { recordKind } from '../../store/keyspace.ts'
import type { Message } from './messages.ts'

/*
 * Notifications in the store:
 *
 *   notification        number               → what was sent, or is to be: the newest 10,000, to be read
 *   notificationDue     destination │ number → what is not delivered yet
 *   notificationTarget  targets              → destinations and the addresses that stand for them
 *
 * Numbers grow and never repeat, not even after a restart: each run of the emulator that has notifications counts in its own
 * thousand millions. They are the `sequencer` of records too.
 */

/** A message for one destination. */
export interface Notification {
  /** A UUID. */
  id: string
  /** ms since the epoch */
  time: number
  /** The ARN of a queue, a topic, a function or an event bus. */
  destination: string
  configurationId?: string
  bucket: string
  /** Undefined of a test event, which is about no object. */
  key?: string
  message: Message
  /** Whether there was an address to deliver it to; `given up`: in vain, for too long. */
  delivery?: 'wanted' | 'given up'
}

/** A notification that is to be delivered. */
export interface DueNotification extends Notification {
  attempts: number
  /** ms since the epoch, of the emulator's clock */
  notBefore: number
  /** Why the last attempt failed. */
  lastFailure?: string
}

export const notifications = recordKind<Notification>()('notification', ['integer'])
export const dueNotifications = recordKind<DueNotification>()('notificationDue', ['string', 'integer'])
/** Where the notifications for a destination are posted to. */
export interface NotificationTarget {
  url: string
  /** `sqs`: it is a queue's URL of a server that speaks SQS, which is asked to SendMessage; else the message alone is posted. */
  format?: 'sqs'
}

/** By ARN; a record only where fixtures gave some. */
export const notificationTargets = recordKind<Record<string, NotificationTarget>>()('notificationTarget', ['string'])
export const targetsKey: [string] = ['targets']

/** How many notifications of a run are kept to be read; those of earlier runs are at most as many. */
export const keptNotifications = 10_000
