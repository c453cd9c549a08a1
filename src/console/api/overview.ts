import { version } from '../../version.ts'
import type { Overview } from '../answers.ts'
import type { ApiContext } from '../services.ts'

/** What the page's head shows. */
export async function readOverview({ services, settings, ambient, endpoint }: ApiContext): Promise<Overview> {
  const { status } = await services.health()
  return {
    version,
    accountId: settings.accountId,
    region: settings.region,
    endpoint,
    now: ambient.now(),
    status,
    recordsDataEvents: settings.trailDataEvents,
  }
}
