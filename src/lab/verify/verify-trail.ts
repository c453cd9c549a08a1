import { arnOf } from '../../kms/keys/key.ts'
import { keyRecords } from '../../kms/keys/key-store.ts'
import type { Services } from '../../services.ts'
import { isFoundById } from '../../trail/event-index.ts'
import { everyRecordFound } from '../../trail/every-record.ts'
import type { Report } from './report.ts'

interface TrailServices extends Pick<Services, 'oldestEvent'> {
  inProcess: Pick<Services['inProcess'], 'database'>
}

/** Each event is found by its id, and each key that the trail is old enough for has the event that made it. */
export async function verifyTrail(services: TrailServices, report: Report): Promise<void> {
  const { database } = services.inProcess
  // Keys before events: a key that is made meanwhile has its event, which the walk over the events may have passed already.
  const unexplained = new Map<string, number>()
  for await (const { value } of database.entries(keyRecords)) {
    // Replicas and AWS's own keys are made by other events.
    if (value.keyManager !== 'AWS' && !value.multiRegion) unexplained.set(arnOf(value), value.creationDate)
  }
  for await (const { record, position } of everyRecordFound(database)) {
    const { eventID, eventName, resources = [], errorCode } = record
    report.proceed('trail', report.counts.events++)
    if (!isFoundById(database, record, position[0])) report.add('trail', eventID, `${eventName} is not found by its id`)
    if (eventName === 'CreateKey' && errorCode === undefined) for (const { ARN } of resources) unexplained.delete(ARN)
  }
  const oldest = services.oldestEvent()
  for (const [arn, creationDate] of unexplained) {
    if (creationDate >= oldest) report.add('trail', arn, 'no event says that it was made')
  }
}
