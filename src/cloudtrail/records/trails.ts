import type { Database, Transaction } from '../../store/database.ts'
import type { TrailRecord } from '../../trail/event.ts'
import type { Recorder, Recorders } from '../../trail/recorders.ts'
import { advancedTakeDataEvents, isTakenByAdvanced } from '../selectors/advanced.ts'
import { defaultSelectors, isTakenByBasic, takesDataEvents } from '../selectors/basic.ts'
import { type TrailSettings, trails } from './kinds.ts'

/** `arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME` */
export function trailArn({
  homeRegion,
  accountId,
  name,
}: Pick<TrailSettings, 'homeRegion' | 'accountId' | 'name'>): string {
  return `arn:aws:cloudtrail:${homeRegion}:${accountId}:trail/${name}`
}

/** All trails, of all accounts and Regions. They are few, so memory has them, too; what is logging is told to the event log. */
export class TrailStore {
  readonly #byArn = new Map<string, TrailSettings>()
  #all: readonly TrailSettings[] = []
  /** Trails of all Regions, by account and name. */
  #shadows: ReadonlyMap<string, TrailSettings> = new Map()
  readonly #recorders: Recorders

  private constructor(recorders: Recorders) {
    this.#recorders = recorders
  }

  static async open(database: Database, recorders: Recorders): Promise<TrailStore> {
    const store = new TrailStore(recorders)
    for await (const { value } of database.entries(trails)) store.#byArn.set(trailArn(value), value)
    store.#tell()
    return store
  }

  get(arn: string): TrailSettings | undefined {
    return this.#byArn.get(arn)
  }

  /** In the order of their ARNs. */
  all(): readonly TrailSettings[] {
    return this.#all
  }

  /** A trail of an account that reaches every Region, by its name. */
  shadow(accountId: string, name: string): TrailSettings | undefined {
    return this.#shadows.get(`${accountId} ${name}`)
  }

  of(accountId: string): TrailSettings[] {
    return this.#all.filter((trail) => trail.accountId === accountId)
  }

  /** Stages a trail; events meet it as it is once that is committed. */
  put(transaction: Transaction, trail: TrailSettings): void {
    transaction.put(trails, [trail.accountId, trail.homeRegion, trail.name], trail)
    transaction.afterCommit(() => {
      this.#byArn.set(trailArn(trail), trail)
      this.#tell()
    })
  }

  /** What is left of it goes in the background. */
  delete(transaction: Transaction, trail: TrailSettings): void {
    transaction.delete(trails, [trail.accountId, trail.homeRegion, trail.name])
    transaction.afterCommit(() => {
      this.#byArn.delete(trailArn(trail))
      this.#tell()
    })
  }

  #tell(): void {
    this.#all = [...this.#byArn].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, trail]) => trail)
    const everywhere = this.#all.filter(({ isMultiRegion }) => isMultiRegion)
    this.#shadows = new Map(everywhere.map((trail) => [`${trail.accountId} ${trail.name}`, trail]))
    this.#recorders.set(this.#all.filter(({ isLogging }) => isLogging).map(recorderOf))
  }
}

function recorderOf(trail: TrailSettings): Recorder {
  const { id, accountId, selectors, advancedSelectors } = trail
  if (advancedSelectors) {
    return {
      id,
      accountId,
      takesDataEvents: advancedTakeDataEvents(advancedSelectors),
      takes: (record) => isInReach(trail, record) && isTakenByAdvanced(advancedSelectors, record),
    }
  }
  const own = selectors ?? defaultSelectors
  return {
    id,
    accountId,
    takesDataEvents: takesDataEvents(own),
    takes: (record) => isInReach(trail, record) && isTakenByBasic(own, record),
  }
}

/** IAM is a global service, whose events are us-east-1's ("Global service events", CloudTrail User Guide). */
function isInReach(trail: TrailSettings, { awsRegion, eventSource }: TrailRecord): boolean {
  if (eventSource === 'iam.amazonaws.com' && !trail.includesGlobalServices) return false
  return trail.isMultiRegion || trail.homeRegion === awsRegion
}
