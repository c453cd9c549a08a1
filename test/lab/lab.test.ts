import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { controlRoutes } from '../../src/control/routes.ts'
import type { Emulator } from '../../src/emulator.ts'
import type { EmulatorClient } from '../../src/testing/emulator-client.ts'
import { type Journey, startJourney } from '../emulator.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import type { Lab, Story, WayName } from './lab.ts'
import { commandNames, commandOf, type Observed, observe } from './observed.ts'
import { auditStories } from './stories/audit.ts'
import { clockStories } from './stories/clock.ts'
import { faultStories } from './stories/faults.ts'
import { inspectStories } from './stories/inspect.ts'
import { policyStories } from './stories/policy.ts'
import { snapshotStories } from './stories/snapshots.ts'
import { stateStories } from './stories/state.ts'
import { trailStories } from './stories/trail.ts'
import { verifyStories } from './stories/verify.ts'
import { throughCommandLine } from './ways/command-line.ts'
import { throughHttp } from './ways/http.ts'
import { throughLibrary } from './ways/library.ts'
import { throughTestingClient } from './ways/testing-client.ts'

/* Each part of the lab, told through each way to it; and that no part is without one of them. */

const stories: readonly Story[] = [
  ...clockStories,
  ...faultStories,
  ...snapshotStories,
  ...inspectStories,
  ...verifyStories,
  ...auditStories,
  ...policyStories,
  ...trailStories,
  ...stateStories,
]

type Parts = 'clock' | 'faults' | 'policy' | 'snapshots'
type MethodOfPart = { [Part in Parts]: `${Part}.${keyof Emulator[Part] & string}` }[Parts]
type Method = keyof Emulator | MethodOfPart | `testing.${keyof EmulatorClient}`

/** What of the library does what a route does. A new route gets its row, and a story. */
const methods: Record<string, Method | undefined> = {
  health: undefined,
  explain: 'testing.explain',
  inspect: 'inspect',
  audit: 'audit',
  verify: 'verify',
  verifyProgress: 'verify',
  policySuggest: 'policy.suggest',
  policyWhyNot: 'policy.whyNot',
  keys: 'testing.keys',
  notifications: 'notifications',
  dataEvents: 'testing.trail',
  trailRecords: 'exportTrail',
  seed: 'seed',
  reset: 'reset',
  settle: 'settle',
  clockShow: 'clock.show',
  clockAdvance: 'clock.advance',
  clockSet: 'clock.set',
  clockFreeze: 'clock.freeze',
  clockRun: 'clock.run',
  faultList: 'faults.list',
  faultAdd: 'faults.add',
  faultsClear: 'faults.clear',
  faultClear: 'faults.clear',
  snapshotList: 'snapshots.list',
  snapshotSave: 'snapshots.save',
  snapshotLoad: 'snapshots.load',
  snapshotDelete: 'snapshots.delete',
  export: 'export',
  import: 'import',
}

/** What is missing, and why that is right. Who finds a way for it takes its row away. */
const knownToBeMissing = [
  // An emulator that was started is there, and what is wrong with it is thrown; whoever has a client hears by its first answer.
  'health: no story through the testing client',
  'health: no method',
  // Only a terminal has a bar: test/verify-progress.test.ts makes one.
  'verifyProgress: no story through the command line',
]

/** Parameters that no command gives, and why that is right. */
const withoutOption = [
  'verifyProgress repair',
  // `trail` has those of LookupEvents from LookupEvents, asks as its caller, and goes on behind 500.
  'dataEvents all',
  'dataEvents account',
  'dataEvents after',
]

/** `env` prints variables once somebody answers, `doctor` looks at what a client would see: test/start.test.ts, test/doctor.test.ts. */
const commandsWithoutRoute = ['doctor', 'env']

let journey: Journey
let receiver: Receiver
let folder: string
let observed: Observed

beforeAll(async () => {
  observed = observe()
  receiver = await startReceiver()
  folder = await mkdtemp(join(tmpdir(), 's3kms-lab-'))
  journey = await startJourney({ trailDataEvents: true, notifyUrl: receiver.url, buckets: ['kept'] })
})

beforeEach(() => journey.emulator.reset())

afterAll(async () => {
  await journey.stop()
  await receiver.stop()
  observed.end()
  await rm(folder, { recursive: true })
})

const ways: Record<WayName, (emulator: Emulator) => Lab> = {
  'the command line': (emulator) => throughCommandLine(emulator, (words) => observed.commands.add(commandOf(words))),
  HTTP: throughHttp,
  'the library': (emulator) => throughLibrary(emulator, (method) => observed.methods.add(method)),
  'the testing client': throughTestingClient,
}

describe.each(Object.entries(ways) as [WayName, (emulator: Emulator) => Lab][])('Through %s', (way, labOf) => {
  const told = stories.filter(({ through = [way] }) => through.includes(way))
  test.each(told)('$name', async ({ tell }) => {
    observed.begin(way)
    await tell({ lab: labOf(journey.emulator), journey, receiver, folder, labOf })
  })
})

test('Every route of the control API has a command, a method, and a story through each way', () => {
  const missing = controlRoutes.flatMap(({ name }) => {
    const method = methods[name]
    const told = method !== undefined && observed.methods.has(method)
    return [
      ...(observed.routes['the command line'].has(name) ? [] : [`${name}: no story through the command line`]),
      ...(observed.routes.HTTP.has(name) ? [] : [`${name}: no story through HTTP`]),
      ...(observed.routes['the testing client'].has(name) ? [] : [`${name}: no story through the testing client`]),
      ...(method === undefined ? [`${name}: no method`] : told ? [] : [`${name}: no story through the library`]),
    ]
  })
  expect(missing).toEqual(knownToBeMissing)
  expect(Object.keys(methods).sort()).toEqual(controlRoutes.map(({ name }) => name).sort())
})

test('Every parameter of a route is given through the command line and over HTTP', () => {
  const given = controlRoutes.flatMap(({ name, parameters }) =>
    Object.keys(parameters).flatMap((parameter) =>
      parameters[parameter]?.in === 'path' ? [] : [`${name} ${parameter}`],
    ),
  )
  expect(given.filter((name) => !observed.routes.HTTP.has(name))).toEqual([])
  expect(given.filter((name) => !observed.routes['the command line'].has(name))).toEqual(withoutOption)
})

test('Every command that asks a running emulator has a story', () => {
  expect(commandNames.filter((name) => !observed.commands.has(name)).sort()).toEqual(commandsWithoutRoute)
})
