import { notifications as notificationsRoute } from '../control/routes/notifications.ts'
import type { NotificationPage, ShownNotification } from '../s3/notifications/read-notifications.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { lineOfJson, table, terminalWidth } from './output.ts'

/**
 * `s3kms-emu notifications`: what buckets told of their objects, the oldest first. `--json` has the messages.
 * @throws Error in one line
 */
export async function notifications(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const { bucket, after, limit } = flags
  const query = { bucket, after, limit: limit?.toString() }
  const page = await openClient(flags, environment, now).control(notificationsRoute, query)
  write(flags.json ? `${lineOfJson(page)}\n` : `${tableOf(page as NotificationPage)}\n`)
  return 0
}

function tableOf({ notifications }: NotificationPage): string {
  if (notifications.length === 0) return 'no notifications'
  const headings = ['NUMBER', 'TIME', 'BUCKET', 'KEY', 'DESTINATION', 'DELIVERY']
  return table(headings, notifications.map(cellsOf), { width: terminalWidth() })
}

function cellsOf({ number, time, bucket, key, destination, delivery, lastFailure }: ShownNotification): string[] {
  const became = lastFailure === undefined ? delivery : `${delivery}: ${lastFailure}`
  return [String(number), time, bucket, key ?? '-', destination, became]
}
