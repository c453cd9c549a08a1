import { contextsOf } from '../../trail/event-attributes.ts'
import type { ObjectCalls } from '../answers.ts'
import type { ApiContext } from '../services.ts'
import { eventRow } from './events.ts'

const seenAtMost = 1000
const shownAtMost = 100

/**
 * Calls of a key that were made for an object: the trail knows them by the key, and their encryption context names the object.
 * @param keyArn of the object's key
 * @param arn `aws:s3:arn` of the context: the object's, or its bucket's
 */
export async function callsAbout({ services }: ApiContext, keyArn: string, arn: string): Promise<ObjectCalls> {
  const [, , , region = '', accountId = ''] = keyArn.split(':')
  const attribute = { key: 'ResourceName' as const, value: keyArn }
  const { records } = await services.lookupEvents({ accountId, region, attribute, limit: seenAtMost })
  const about = records.filter((record) => contextsOf(record).some((context) => context['aws:s3:arn'] === arn))
  return { calls: about.slice(0, shownAtMost).map(eventRow), seen: records.length }
}
