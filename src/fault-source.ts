/*
 * Where services ask whether something is to go wrong on purpose. Nobody below the lab knows of rules: a service says what it is about
 * to do, and is made to wait, refused, or told what is to become of its answer.
 */

/** What a service is about to do. */
export interface FaultSubject {
  service: 's3' | 'kms'
  /** AWS's name: `PutObject`, `GenerateDataKey`. */
  operation: string
  region: string
  /** Of who calls; undefined: anonymous. */
  principalArn?: string
  /** Of KMS: the ARNs of its keys, and the key as the request names it. */
  keys?: readonly string[]
  bucket?: string
  /** The object's. */
  objectKey?: string
  /** The objects that its document names: those of DeleteObjects. */
  objectKeys?: readonly string[]
  /** The service that calls KMS in its caller's name. */
  via?: string
}

/** What is to become of an answer: never sent, broken off in its middle, or one bit of its body wrong. */
export type AnswerFault = 'reset' | 'cut' | 'corrupt'

/** Rules that are in force. */
export interface ActiveFaults {
  /** Whether a rule may be about an operation: for others nothing need be asked. */
  concern(service: FaultSubject['service'], operation: string): boolean
  /**
   * Resolves once the call may be performed.
   * @returns what is to become of its answer; undefined: nothing
   * @throws AwsError that it is refused with; ConnectionReset
   */
  meet(subject: FaultSubject): Promise<AnswerFault | undefined>
}

export interface FaultSource {
  /** Undefined where no rule is in force: that is all that a call looks at then. */
  readonly active: ActiveFaults | undefined
  /** Adds a rule as somebody wrote it. @throws Error that says in words what is wrong with it */
  addRule(rule: unknown): void
}

/** The client is to find its connection reset, without an answer. */
export class ConnectionReset extends Error {
  /** Of a call that was performed and refused: what its client does not hear. */
  readonly refusal: unknown

  constructor(refusal?: unknown) {
    super('The connection was reset on purpose')
    this.refusal = refusal
  }
}
