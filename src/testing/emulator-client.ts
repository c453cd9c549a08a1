import { systemAmbient } from '../ambient.ts'
import { awsVariables } from '../aws/client-variables.ts'
import { type Client, openClient } from '../cli/client.ts'
import { dataEvents } from '../control/routes/data-events.ts'
import { explain } from '../control/routes/explain.ts'
import { keys as keysRoute } from '../control/routes/keys.ts'
import { reset } from '../control/routes/reset.ts'
import { seed } from '../control/routes/seed.ts'
import { settle } from '../control/routes/settle.ts'
import type { FixtureDocument } from '../fixtures/fixture-document.ts'
import type { TrailRecord } from '../trail/event.ts'
import { type CallFilter, differencesOf, type ResolvedFilter, requireFilter } from './call-filter.ts'
import { type Explanation, explanationsOf } from './explanation.ts'
import { type LabClient, labOf } from './lab-client.ts'
import { keyNamed, type ListedKey, listedKeysOf } from './listed-key.ts'
import { type RecordedCall, recordedCallOf } from './recorded-call.ts'
import { type ObjectName, type Sealing, sealingOf } from './sealed-object.ts'

/*
 * What tests ask of an emulator, whether it runs in this process or on another machine: the paths of the control API, which leave
 * nothing in the trail.
 */

/** Where an emulator is; what is left out comes from the AWS_* variables, else it is the emulator's default. */
export interface EmulatorAddress {
  endpoint?: string
  region?: string
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Of an emulator on another machine, or in a container: its `--control-token`; else S3KMS_CONTROL_TOKEN. */
  controlToken?: string
}

/** Whose calls are looked at. */
export interface TrailPlace {
  /** Twelve digits; else the emulator's own. */
  accountId?: string
  /** Else the client's. IAM's events are in us-east-1. */
  region?: string
}

/** An emulator as tests see it. */
export interface EmulatorClient extends LabClient {
  readonly endpoint: string
  readonly region: string
  /** The variables that turn AWS's SDKs and tools to it. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Calls that were recorded and that the filter means, oldest first. Those on objects are there where the emulator was started
   * with `trailDataEvents`.
   * @throws Error where the filter has a member that there is not
   */
  trail(filter?: CallFilter & TrailPlace): Promise<RecordedCall[]>
  /** `trail` and `toHaveReceived…` begin anew from here, in this client; the trail itself keeps all. */
  resetHistory(): Promise<void>
  /** Why calls ended as they did: those of a request by its id, or the last one. */
  explain(requestId?: string): Promise<Explanation[]>
  /** The KMS keys of the emulator's account, with their aliases. */
  keys(place?: TrailPlace): Promise<ListedKey[]>
  /**
   * The KMS key that an id, ARN or alias names: for calls that take no alias, as DisableKey.
   * @throws Error where there is none
   */
  key(name: string, place?: TrailPlace): Promise<ListedKey>
  /** How an object is encrypted; KMS is not asked. */
  sealing(object: ObjectName): Promise<Sealing>
  /**
   * Makes what fixtures declare and is not there, as user `fixtures`.
   * @returns one line for each: made, or left
   */
  seed(fixtures: FixtureDocument): Promise<string[]>
  /** Empties it; with `fixtures` it is as it was when it was started. */
  reset(options?: { fixtures?: boolean }): Promise<void>
  /** Resolves once everything is done that is due by its clock. */
  settle(): Promise<void>
}

/**
 * A client of an emulator that runs: one of `startEmulator`, `s3kms-emu start`, or in a container. Nothing is asked of it yet, and the
 * variables are read anew at every call: a test may set them later.
 */
export function connectTo(address: EmulatorAddress = {}): EmulatorClient {
  const history = new History()
  const connection = () => connect(address)
  const keys = async (place: TrailPlace = {}) => {
    const { client } = connection()
    return listedKeysOf((await client.control(keysRoute, inRoute(place, client))).keys)
  }
  const records = ({ accountId, region }: TrailPlace) => {
    const { client } = connection()
    return recordsOf(client, inRoute({ accountId, region }, client))
  }

  return {
    get endpoint() {
      return connection().client.endpoint
    },
    get region() {
      return connection().client.region
    },
    get environment() {
      const { client, credentials } = connection()
      return awsVariables(client.endpoint, client.region, credentials)
    },

    async trail({ accountId, region, ...filter } = {}) {
      requireFilter(filter)
      const place = { accountId, region }
      const resolved = await resolve(filter, () => keys(place))
      const calls = history.since(await records(place)).map(recordedCallOf)
      return calls.filter((call) => differencesOf(call, resolved).length === 0)
    },

    async resetHistory() {
      history.forget(await records({}))
    },

    async explain(requestId = 'last') {
      return explanationsOf((await connection().client.control(explain, { id: requestId })).explanations)
    },

    keys,
    async key(name, place) {
      const found = keyNamed(name, await keys(place))
      if (found) return found
      throw new Error(`there is no KMS key ${name} in ${place?.region ?? connection().client.region}`)
    },
    sealing: (object) => {
      const { client, credentials, now } = connection()
      return sealingOf(object, { endpoint: client.endpoint, region: client.region, credentials, now })
    },
    seed: async (fixtures) => (await connection().client.control(seed, {}, fixtures)).fixtureReport,
    reset: async ({ fixtures } = {}) => {
      await connection().client.control(reset, { fixtures })
      history.forget([])
    },
    settle: async () => {
      await connection().client.control(settle, {})
    },
    ...labOf(() => connection().client, systemAmbient().uuid),
  }
}

function connect(address: EmulatorAddress) {
  const { now } = systemAmbient()
  const variables = variablesOf(address)
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = variables
  const credentials =
    accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN || undefined }
      : { accessKeyId: 'test', secretAccessKey: 'test' }
  return { client: openClient(address, variables, now), credentials, now }
}

function inRoute({ accountId, region }: TrailPlace, client: Client) {
  return { account: accountId, region: region ?? client.region }
}

/** What was recorded before `resetHistory`, by id: times have whole seconds, so none of them could tell. */
class History {
  #forgotten = new Set<string>()

  forget(records: readonly TrailRecord[]): void {
    this.#forgotten = new Set(records.map(({ eventID }) => eventID))
  }

  since(records: readonly TrailRecord[]): TrailRecord[] {
    return records.filter(({ eventID }) => !this.#forgotten.has(eventID))
  }
}

/** Credentials are whole: those that are given, or those of the environment. */
function variablesOf({ credentials }: EmulatorAddress): NodeJS.ProcessEnv {
  if (!credentials) return process.env
  return {
    ...process.env,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  }
}

/** All of an account and Region, oldest first. */
async function recordsOf(client: Client, place: { account?: string; region: string }): Promise<TrailRecord[]> {
  const found: TrailRecord[] = []
  let after: string | undefined
  do {
    const { records, next } = await client.control(dataEvents, { ...place, all: true, limit: '1000', after })
    found.push(...(records as TrailRecord[]))
    after = next
  } while (after !== undefined)
  return found.reverse()
}

/** An alias is a name of today: the key that it has now is meant. */
async function resolve(filter: CallFilter, keys: () => Promise<ListedKey[]>): Promise<ResolvedFilter> {
  const { key } = filter
  if (key === undefined || !key.includes('alias/')) return filter
  return { ...filter, keyArn: keyNamed(key, await keys())?.Arn }
}
