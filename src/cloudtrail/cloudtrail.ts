import type { JsonCall } from '../protocol/aws-json.ts'
import type { Pace } from '../store/pace.ts'
import { type DeliveryServices, deliverLogs, nextDelivery } from './delivery/deliver.ts'
import { deliverDigests, nextDigest } from './delivery/digests.ts'
import { removeLeftovers } from './delivery/leftovers.ts'
import type { TrailSettings } from './records/kinds.ts'
import { TrailStore } from './records/trails.ts'
import { type InvokeServices, invoke } from './service.ts'

export type CloudTrailOptions = Omit<InvokeServices & DeliveryServices, 'trails'>

/** Trails: the operations on them, and the delivery of their files. Loaded when the first is asked for, or is there at the start. */
export interface CloudTrail {
  /** @throws AwsError */
  invoke(operation: string, input: unknown, call: JsonCall): Promise<object>
  /** Delivers what is due. @param now ms since the epoch */
  deliver(now: number, pace: Pace): Promise<void>
  /** When something is due next, in ms since the epoch. */
  next(): Promise<number | undefined>
}

/** Opens the trails of a store; those that are logging take events from then on. */
export async function openCloudTrail(options: CloudTrailOptions): Promise<CloudTrail> {
  const trails = await TrailStore.open(options.database, options.trail.recorders)
  const services = { ...options, trails }
  return {
    invoke: (operation, input, call) => invoke(services, operation, input, call),

    async deliver(now, pace) {
      for (const trail of trails.all()) {
        if (pace.hasEnded) return
        await deliverLogs(services, trail, now)
        await deliverDigests(services, trail, now)
      }
      await removeLeftovers(services)
    },

    async next() {
      const moments = await Promise.all(trails.all().map((trail) => nextOf(services, trail)))
      const coming = moments.filter((moment) => moment !== undefined)
      return coming.length === 0 ? undefined : Math.min(...coming)
    },
  }
}

async function nextOf(services: DeliveryServices, trail: TrailSettings): Promise<number | undefined> {
  const moments = [await nextDelivery(services, trail), await nextDigest(services, trail)]
  const coming = moments.filter((moment) => moment !== undefined)
  return coming.length === 0 ? undefined : Math.min(...coming)
}
