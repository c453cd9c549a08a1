import { setTimeout as wait } from 'node:timers/promises'
import type { Ambient } from '../../ambient.ts'
import type { ActiveFaults, AnswerFault, FaultSource, FaultSubject } from '../../fault-source.ts'
import { LabRefusal } from '../refusal.ts'
import { Fault, type FaultReport, type ForeignRule } from './fault.ts'
import { type FaultRule, readRule } from './fault-rule.ts'
import { checkOperationNames } from './operation-names.ts'

/*
 * What goes wrong on purpose. Rules are in memory: a restart and a reset end them, and the fixture files that are applied then bring
 * theirs again.
 *
 *   call ─▶ rules, in the order in which they were added ─▶ waits ─▶ the first that refuses, or spoils the answer, decides
 */

/** Faults of an emulator: what of KMS and S3 goes wrong on purpose. */
export interface Faults {
  /** What is in force, in the order in which it is asked, and how often each struck. */
  list(): Promise<FaultReport[]>
  /** @throws LabRefusal that says what is wrong with the rule, and which errors there are */
  add(rule: FaultRule): Promise<FaultReport>
  /** Ends all, or the one with that id. @throws LabRefusal where there is none */
  clear(id?: string): Promise<void>
}

/** Rules in the words of another emulator, beside the own ones: what it has of an own rule, and what more. */
export interface WrittenElsewhere {
  rule: FaultRule
  foreign?: ForeignRule
}

export interface ForeignFaults {
  /**
   * Ends rules and adds others behind those that stay, all of it or nothing.
   * @throws LabRefusal
   */
  replace(isEnded: (fault: FaultReport) => boolean, added: readonly WrittenElsewhere[]): void
}

/** What a rule makes a call wait. */
interface Wait {
  /** Its id. */
  rule: string
  /** ms */
  latency: number
  end: AbortController
}

/** Who makes what fixtures declare: nothing of that goes wrong. */
const fixtureMaker = ':user/fixtures'
const mostRules = 1000

export class EmulatorFaults implements Faults, ForeignFaults, FaultSource, ActiveFaults {
  active: ActiveFaults | undefined
  readonly #ambient: Ambient
  #faults: Fault[] = []
  /** Those that may be about an operation, by its name: most calls find none. */
  #byOperation = { s3: new Map<string, readonly Fault[]>(), kms: new Map<string, readonly Fault[]>() }
  #added = 0
  /** Of calls that are made to wait: who clears the rule, even one that is over by now, lets them go on. */
  readonly #waits = new Set<Wait>()

  constructor(ambient: Ambient) {
    this.#ambient = ambient
  }

  async list(): Promise<FaultReport[]> {
    this.#dropOver()
    return this.#faults.map((fault) => fault.report())
  }

  async add(rule: FaultRule): Promise<FaultReport> {
    return this.addRule(rule)
  }

  async clear(id?: string): Promise<void> {
    this.#dropOver()
    const left = id === undefined ? [] : this.#faults.filter((fault) => fault.id !== id)
    const isFound = left.length < this.#faults.length
    const isWaitedFor = this.#endWaits((rule) => id === undefined || rule === id)
    if (id !== undefined && !isFound && !isWaitedFor) {
      throw new LabRefusal('absent', `There is no fault ${id}: it was cleared, or is over`)
    }
    this.#keep(left)
  }

  addRule(written: unknown): FaultReport {
    const [fault] = this.#put(this.#faults, [{ rule: readRule(written) }])
    if (!fault) throw new Error('Of one rule one fault is made')
    return fault.report()
  }

  replace(isEnded: (fault: FaultReport) => boolean, added: readonly WrittenElsewhere[]): void {
    const ended = new Set(this.#faults.filter((fault) => isEnded(fault.report())))
    this.#put(
      this.#faults.filter((fault) => !ended.has(fault)),
      added,
    )
    const ids = new Set([...ended].map(({ id }) => id))
    this.#endWaits((rule) => ids.has(rule))
  }

  /** @param others the rules that stay, in front of the new ones */
  #put(others: readonly Fault[], added: readonly WrittenElsewhere[]): Fault[] {
    // Here, not where rules are read: clients read them too, and have no need of all operations.
    for (const { rule } of added) checkOperationNames(rule)
    const now = this.#ambient.now()
    const kept = others.filter((fault) => !fault.isOver(now))
    if (kept.length + added.length > mostRules) {
      throw new LabRefusal('conflict', `There are at most ${mostRules} faults: clear some`)
    }
    const random = () => this.#random()
    const faults = added.map(({ rule, foreign }) => new Fault(`fault-${++this.#added}`, rule, { now, random, foreign }))
    this.#keep([...kept, ...faults])
    return faults
  }

  /** @returns whether a call waited under such a rule */
  #endWaits(isEnded: (rule: string) => boolean): boolean {
    const ended = [...this.#waits].filter(({ rule }) => isEnded(rule))
    for (const { end } of ended) end.abort()
    return ended.length > 0
  }

  concern(service: FaultSubject['service'], operation: string): boolean {
    return this.#concerning(service, operation).length > 0
  }

  #concerning(service: FaultSubject['service'], operation: string): readonly Fault[] {
    const known = this.#byOperation[service].get(operation)
    if (known) return known
    const found = this.#faults.filter((fault) => fault.concerns(service, operation))
    this.#byOperation[service].set(operation, found)
    return found
  }

  async meet(subject: FaultSubject): Promise<AnswerFault | undefined> {
    if (subject.principalArn?.endsWith(fixtureMaker)) return undefined
    const now = this.#ambient.now()
    const waits: Wait[] = []
    let answer: AnswerFault | undefined
    let refusal: Error | undefined
    for (const fault of this.#concerning(subject.service, subject.operation)) {
      if (fault.isOver(now)) continue
      const strike = fault.strike(subject, now)
      if (!strike) continue
      if (strike.latency > 0) waits.push({ rule: fault.id, latency: strike.latency, end: new AbortController() })
      answer = strike.answer
      refusal = strike.refusal
      if (answer !== undefined || refusal) break
    }
    this.#dropOver()
    if (waits.length > 0) await this.#waitFor(waits)
    if (refusal) throw refusal
    return answer
  }

  /** One after another: without the rule that was cleared meanwhile it is as long as the others say. */
  async #waitFor(waits: readonly Wait[]): Promise<void> {
    for (const each of waits) this.#waits.add(each)
    try {
      for (const { latency, end } of waits) await waitUnder(end.signal, latency)
    } finally {
      for (const each of waits) this.#waits.delete(each)
    }
  }

  #random(): number {
    return this.#ambient.randomBytes(4).readUInt32BE() / 2 ** 32
  }

  #dropOver(): void {
    const now = this.#ambient.now()
    if (this.#faults.some((fault) => fault.isOver(now))) this.#keep(this.#faults.filter((fault) => !fault.isOver(now)))
  }

  #keep(faults: Fault[]): void {
    this.#faults = faults
    for (const known of Object.values(this.#byOperation)) known.clear()
    this.active = faults.length > 0 ? this : undefined
  }
}

/** @param latency ms */
async function waitUnder(signal: AbortSignal, latency: number): Promise<void> {
  await wait(latency, undefined, { ref: false, signal }).catch((error) => {
    if (!signal.aborted) throw error
  })
}
