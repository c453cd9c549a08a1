import { failureOf } from '../failure.ts'
import type { Asked } from './expected.ts'
import { assumeRole, giveRolePolicies, giveUserPolicies, makeRole, makeUser } from './principals.ts'
import { finishBucket, finishKey, makeBucket, makeKey, writeInto } from './resources.ts'
import { type Answer, arnOf, caseOf, type Row, type Scenario, type World } from './scenario.ts'
import { type Belonging, Setting } from './setting.ts'
import { type Clients, type Credentials, type Target, type Way, wait } from './target.ts'

/** Codes that say nothing of a decision: the account is asked too much, or does not know an access key yet. */
const noAnswers = new Set([
  ...['Throttling', 'ThrottlingException', 'SlowDown', 'RequestLimitExceeded', 'TooManyRequestsException'],
  ...['InvalidAccessKeyId', 'InvalidClientTokenId', 'UnrecognizedClientException', 'OperationAborted'],
  ...['RequestTimeout', 'RequestTimeTooSkewed', 'RequestExpired'],
])

/** One scenario in a run. */
export class Stage {
  readonly #target: Target
  readonly #scenario: Scenario
  readonly #setting: Setting
  readonly #credentials = new Map<string, Credentials>()
  readonly #clients = new Map<string, Clients>()
  #ciphertexts: Record<string, Uint8Array> = {}
  #fault: unknown

  constructor(target: Target, scenario: Scenario, prefix: string, belonging: Belonging) {
    this.#target = target
    this.#scenario = scenario
    this.#setting = new Setting(target, prefix, belonging)
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
    if (this.#target.patience.tries > 1 && !this.#fault) await this.#untilKnown().catch(() => undefined)
    for (const row of this.#scenario.rows) {
      if (this.#setting.belonging.signal.aborted) return []
      const about = { case: caseOf(this.#scenario, row), row, arn: arnOf(this.#scenario, row.by) }
      const told = this.#fault ? { fault: this.#fault } : await this.#settled(row).catch((fault) => ({ fault }))
      asked.push({ ...about, answer: undefined, ...told })
    }
    return asked
  }

  /**
   * Until each principal was allowed what its first row allows that only reads: as long as nobody knows it, all is refused, and a
   * refusal would be told that is none.
   */
  async #untilKnown(): Promise<void> {
    const controls = this.#scenario.rows.filter((row) => isReading(row) && this.#expected(row).status < 300)
    const first = new Map(controls.toReversed().map((row) => [row.by, row]))
    for (const row of first.values()) {
      const isKnown = (answer: Answer) => answer.status < 300
      await this.#untilAnswered(row, isKnown)
    }
  }

  /** Asks until the answer is the expected one as often as wanted, or it was asked often enough. */
  async #settled(row: Row): Promise<{ answer: Answer }> {
    const expected = JSON.stringify(this.#expected(row))
    let last = ''
    let same = 0
    const answer = await this.#untilAnswered(row, (answer) => {
      const text = JSON.stringify(answer)
      same = text === last ? same + 1 : 1
      last = text
      return text === expected && same >= this.#target.patience.times
    })
    if (isNone(answer)) throw new Error(`There was no answer but ${answer.code}: ${answer.message}`)
    if (same < this.#target.patience.times) throw new Error(`The answer did not stay the same, at last ${last}`)
    return { answer }
  }

  /** @returns the last answer: that which is sought, or whatever it is at the last try */
  async #untilAnswered(row: Row, isSought: (answer: Answer) => boolean): Promise<Answer> {
    const { signal } = this.#setting.belonging
    const { pause, tries } = this.#target.patience
    for (let asked = 1; ; asked += 1) {
      signal.throwIfAborted()
      const answer = await this.#answer(row)
      if (isSought(answer) || asked >= tries) return answer
      await wait(pause, signal)
    }
  }

  #expected(row: Row): Answer {
    return row.expect(arnOf(this.#scenario, row.by), row.call)
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
    return this.#setting.clean()
  }
}

function isReading({ call }: Row): boolean {
  return /^(Get|Head|List|Describe|Encrypt|Decrypt|GenerateDataKey)/.test(call.name)
}

function isNone({ status, code }: Answer): boolean {
  return status >= 500 || noAnswers.has(code)
}

function missing(what: string): never {
  throw new Error(`The scenario has not ${what}`)
}

function statusOf(output: unknown): number {
  const { $metadata } = Object(output)
  return $metadata.httpStatusCode
}
