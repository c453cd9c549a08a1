import type { Controls } from '../control/controls.ts'
import { ControlRefusal } from '../control/refusal.ts'
import { FixtureFault } from '../fixtures/document.ts'
import type { Hooks } from '../hooks/hooks.ts'
import { EmulatorClock } from '../lab/clock/clock.ts'
import type { TurnedAmbient } from '../lab/clock/turned-ambient.ts'
import type { EmulatorFaults } from '../lab/faults/faults.ts'
import { policyTools } from '../lab/policy/policy-tools.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../options.ts'
import type { ServiceName } from '../server/gateway.ts'
import { version } from '../version.ts'
import type { CurrentServices } from './current-services.ts'

interface ControlParts {
  current: CurrentServices
  settings: Settings
  ambient: TurnedAmbient
  faults: EmulatorFaults
  log: Log
  hooks: Hooks
  /** Those that were asked something. */
  used: ReadonlySet<ServiceName>
  snapshots: Controls['snapshots']
  /** Aborted when it begins to stop. */
  stopping: AbortSignal
}

const serviceNames = ['s3', 'kms', 'iam', 'sts', 'cloudtrail'] as const

/** What can be done to a running emulator: all controls, over the services as they are when one is asked. */
export function controlsOf({
  current,
  settings,
  ambient,
  faults,
  log,
  hooks,
  used,
  snapshots,
  stopping,
}: ControlParts): Controls {
  const started = ambient.machineNow()
  return {
    health: async () => {
      const uptime = (ambient.machineNow() - started) / 1000
      const health = await current.services.health()
      const status = hooks.progress.completed.READY ? health.status : 'starting'
      return { ...health, status, version, uptime }
    },
    progress: () => hooks.progress,
    services: () =>
      Object.fromEntries(serviceNames.map((name) => [name, used.has(name) ? 'running' : 'available'] as const)),
    explain: (id) => current.services.explain(id),
    inspect: async (uri, options) => {
      const { inspect } = await import('../lab/inspect/inspect.ts')
      return inspect(current.services, uri, options)
    },
    audit: async (query) => {
      const { audit } = await import('../lab/audit/audit.ts')
      return audit(current.services, query)
    },
    verify: async (options) => {
      const { verify } = await import('../lab/verify/verify.ts')
      return verify(current.services, options)
    },
    keys: ({ accountId = settings.accountId, region = settings.region }) =>
      current.services.inProcess.kms.keys({ accountId, region }),
    notifications: (query) => current.services.notifications(query),
    dataEvents: async ({
      all = false,
      accountId = settings.accountId,
      region = settings.region,
      limit = 50,
      ...query
    }) => {
      const { services } = current
      const read = all ? services.allEvents : services.dataEvents
      const { records, next } = await read({ accountId, region, limit, ...query })
      return { records, next: next?.join('-') }
    },
    async *trailRecords() {
      const { trailRecords } = await import('../lab/trail-export/trail-records.ts')
      yield* trailRecords(current.services.inProcess.database)
    },
    seed: (document) => seedWithoutFiles(document, current).catch(refuseSeed),
    reset: (options, incoming) => current.reset(options, incoming).catch((error) => refuseReset(error, log)),
    settle: () => current.services.settle(),
    now: () => ambient.now(),
    policy: policyTools(() => current.services),
    clock: new EmulatorClock({ ambient, services: () => current.services, stopping }),
    faults,
    snapshots,
    failed: (error) => log.error('a control path failed', error),
    token: settings.controlToken,
  }
}

/** Files are read where the emulator runs, which may be another machine than the asker's. */
async function seedWithoutFiles(document: unknown, current: CurrentServices): Promise<string[]> {
  const { objects = [] } = Object(document)
  const index = Array.isArray(objects) ? objects.findIndex((object) => Object(object).file !== undefined) : -1
  if (index >= 0) throw new ControlRefusal(422, `objects[${index}].file must be left out here: give a body`)
  const { seed } = await import('./seed.ts')
  return seed(document, current.services)
}

function refuseSeed(error: unknown): never {
  if (error instanceof FixtureFault) throw new ControlRefusal(422, error.message)
  throw error
}

/** A fixture file that is not as it should be is the asker's to mend, who may not see the log. */
function refuseReset(error: unknown, log: Log): never {
  if (!(error instanceof FixtureFault)) throw error
  const message = `${error.message}. The emulator is empty`
  log.warn(message)
  throw new ControlRefusal(422, message)
}
