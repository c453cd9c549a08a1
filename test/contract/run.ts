import { randomUUID } from 'node:crypto'
import { failureOf } from '../emulator.ts'
import type { Asked } from './expected.ts'
import { exampleRegion } from './names.ts'
import { assumeRole, giveRolePolicies, giveUserPolicies, makeRole, makeUser } from './principals.ts'
import type { Recording } from './recording.ts'
import { finishBucket, finishKey, makeBucket, makeKey, writeInto } from './resources.ts'
import { type Answer, arnOf, caseOf, needsOther, type Row, type Scenario, type World } from './scenario.ts'
import { Setting } from './setting.ts'
import { type Clients, type Credentials, type Target, type Way, wait } from './target.ts'

/*
 * One run of a family of scenarios against a target:
 *
 *   set up    every scenario, several at once     principals ─▶ keys ─▶ buckets ─▶ policies and grants
 *   wait      on AWS, until it is known everywhere
 *   ask       every row, in the order of its scenario; on AWS until the answer stays the same
 *   clean up  everything, whatever happened
 */

const atATime = 6

/** Sets up, asks and cleans up. @returns a row for each that this target can be asked, and what could not be taken away */
export async function runScenarios(
  target: Target,
  scenarios: readonly Scenario[],
): Promise<{ asked: Asked[]; left: string[] }> {
  const run = `contract-${randomUUID().slice(0, 8)}`
  const answering = { isAws: target.name === 'aws', hasOther: target.other !== undefined }
  const plain = scenarios.some((scenario) => scenario.overPlainHttp) ? await target.overPlainHttp() : target
  const stages = scenarios
    .map((scenario) => ({ ...scenario, rows: scenario.rows.filter((row) => canBeAsked(answering, scenario, row)) }))
    .filter(({ rows }) => rows.length > 0)
    .map((scenario, index) => new Stage(scenario.overPlainHttp ? plain : target, scenario, `${run}-${index}`))
  let left: string[] = []
  let asked: Asked[] = []
  try {
    await inParallel(stages, (stage) => stage.setUp())
    await wait(target.patience.first)
    asked = (await inParallel(stages, (stage) => stage.ask())).flat()
  } finally {
    left = (await inParallel(stages, (stage) => stage.clean())).flat()
  }
  return { asked, left }
}

/** Whether there is everything that a row needs; what an emulator alone can do is not asked of AWS. */
export function canBeAsked(
  { isAws, hasOther }: { isAws: boolean; hasOther: boolean },
  scenario: Scenario,
  { emulatorAlone }: Row,
): boolean {
  return (hasOther || !needsOther(scenario)) && !(isAws && emulatorAlone)
}

export function recordingOf(target: Target, asked: readonly Asked[]): Recording {
  const rows = asked.flatMap(({ case: name, answer }) => (answer ? [{ case: name, ...answer }] : []))
  return { target: target.name, date: new Date().toISOString(), region: exampleRegion, rows }
}

async function inParallel<One, Result>(all: readonly One[], act: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const entries = all.entries()
  const work = async () => {
    for (const [index, one] of entries) results[index] = await act(one)
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return results
}

/** One scenario in a run. */
class Stage {
  readonly #target: Target
  readonly #scenario: Scenario
  readonly #setting: Setting
  readonly #credentials = new Map<string, Credentials>()
  readonly #clients = new Map<string, Clients>()
  #ciphertexts: Record<string, Uint8Array> = {}
  #fault: unknown

  constructor(target: Target, scenario: Scenario, prefix: string) {
    this.#target = target
    this.#scenario = scenario
    this.#setting = new Setting(target, prefix)
  }

  /** What goes wrong here is told of each row. */
  async setUp(): Promise<void> {
    await this.#make().catch((error: unknown) => {
      this.#fault = error
    })
  }

  async #make(): Promise<void> {
    const setting = this.#setting
    const { users = {}, roles = {}, keys = {}, buckets = {} } = this.#scenario
    for (const [name, user] of Object.entries(users)) this.#credentials.set(name, await makeUser(setting, name, user))
    for (const [name, role] of Object.entries(roles)) await makeRole(setting, name, role)
    for (const [id, key] of Object.entries(keys)) Object.assign(this.#ciphertexts, await makeKey(setting, id, key))
    for (const [name, bucket] of Object.entries(buckets)) await makeBucket(setting, name, bucket)
    for (const [name, user] of Object.entries(users)) await giveUserPolicies(setting, name, user)
    for (const [name, role] of Object.entries(roles)) await giveRolePolicies(setting, name, role)
    for (const [id, key] of Object.entries(keys)) await finishKey(setting, id, key)
    for (const [name, bucket] of Object.entries(buckets)) await finishBucket(setting, name, bucket)
    for (const [name, role] of Object.entries(roles)) this.#credentials.set(name, await assumeRole(setting, name, role))
    for (const [name, bucket] of Object.entries(buckets)) {
      await writeInto(setting, name, bucket, (by) => this.#clientsOf(by, 'signed'))
    }
  }

  async ask(): Promise<Asked[]> {
    const asked: Asked[] = []
    for (const row of this.#scenario.rows) {
      const about = { case: caseOf(this.#scenario, row), row, arn: arnOf(this.#scenario, row.by) }
      const told = this.#fault
        ? { fault: this.#fault }
        : await this.#settled(row, about.arn).catch((fault) => ({ fault }))
      asked.push({ ...about, answer: undefined, ...told })
    }
    return asked
  }

  /** Asks until the answer is the expected one as often as wanted, or the time is over. */
  async #settled(row: Row, arn: string): Promise<{ answer: Answer }> {
    const { pause, most, times } = this.#target.patience
    const expected = JSON.stringify(row.expect(arn, row.call))
    const end = Date.now() + most
    let answer = await this.#answer(row)
    for (let same = 1; same < times || (JSON.stringify(answer) !== expected && Date.now() < end); ) {
      await wait(pause)
      const next = await this.#answer(row)
      same = JSON.stringify(next) === JSON.stringify(answer) ? same + 1 : 1
      answer = next
    }
    return { answer }
  }

  async #answer({ by, call, isPresigned }: Row): Promise<Answer> {
    const sent = call.send(this.#world(by, isPresigned ? 'presigned' : 'signed'))
    const status = await sent.then(statusOf, () => undefined)
    if (status !== undefined) return { status, code: '', message: '' }
    const failure = await failureOf(sent)
    if (failure.status === undefined) throw new Error(`${failure.code}: ${failure.message}`)
    return { status: failure.status, code: failure.code, message: this.#setting.names.masked(failure.message) }
  }

  #world(by: string, way: Way): World {
    const { names } = this.#setting
    return {
      clients: this.#clientsOf(by, way),
      actual: (value) => names.actual(value),
      ciphertext: (name) => this.#ciphertexts[name] ?? missing(`the ciphertext ${name}`),
    }
  }

  #clientsOf(by: string, way: Way): Clients {
    if (by === 'administrator') return this.#target.own.administrator
    const clients = this.#clients.get(`${by} ${way}`) ?? this.#target.clientsFor(this.#credentialsOf(by), way)
    this.#clients.set(`${by} ${way}`, clients)
    return clients
  }

  #credentialsOf(by: string): Credentials | undefined {
    return by === 'nobody' ? undefined : (this.#credentials.get(by) ?? missing(by))
  }

  clean(): Promise<string[]> {
    return this.#setting.cleaner.clean()
  }
}

function missing(what: string): never {
  throw new Error(`The scenario has not ${what}`)
}

function statusOf(output: unknown): number {
  const { $metadata } = Object(output)
  return $metadata.httpStatusCode
}
