import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * What a run made, so that it can be taken away by this run, or by another one if this is killed. A line is there before what it
 * names is made; a key, whose id KMS gives, has a line afterwards and the run's name as a tag (`runTag`) from the beginning:
 *
 *   unfinished/contract-1f2e3d4c5b6a.jsonl   {"run":"contract-1f2e3d4c5b6a","account":"111122223333","begun":"2027-01-04T09:12:44.120Z"}
 *                                            {"kind":"user","name":"contract-1f2e3d4c5b6a-0-Alice"}
 */

export const unfinishedFolder = fileURLToPath(new URL('unfinished', import.meta.url))
export const runTag = 'contract-run'

export type Kind =
  | 'user'
  | 'user-access-key'
  | 'user-policy'
  | 'user-attachment'
  | 'role'
  | 'role-policy'
  | 'role-attachment'
  | 'policy'
  | 'bucket'
  | 'key'
  | 'alias'

export interface Made {
  kind: Kind
  /** A name, of a policy its ARN, of keys and access keys their ids. */
  name: string
  /** The user or role that it is of. */
  of?: string
  /** In the second account. */
  isForeign?: true
}

export interface Run {
  /** `contract-` and 12 hexadecimal digits: the prefix of all names. */
  run: string
  /** The ids of its accounts. */
  account: string
  otherAccount?: string
  /** ISO 8601 */
  begun: string
}

export function newRunName(): string {
  return `contract-${randomUUID().replaceAll('-', '').slice(0, 12)}`
}

export class Journal {
  readonly #path: string | undefined

  /** @param folder undefined: nothing is kept, as of an emulator that ends with its run */
  constructor(run: Run, folder: string | undefined) {
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    this.#path = join(folder, `${run.run}.jsonl`)
    writeFileSync(this.#path, `${JSON.stringify(run)}\n`)
  }

  add(made: Made): void {
    if (this.#path) appendFileSync(this.#path, `${JSON.stringify(made)}\n`)
  }

  /** It turned out to be somebody else's. */
  withdraw(made: Made): void {
    if (this.#path) appendFileSync(this.#path, `${JSON.stringify({ ...made, isWithdrawn: true })}\n`)
  }

  /** The run is over, and everything is gone again. */
  close(): void {
    if (this.#path) rmSync(this.#path)
  }
}

export interface Unfinished extends Run {
  path: string
  made: readonly Made[]
}

/** Runs that did not come to their end, or could not take everything away. */
export function unfinishedRuns(folder: string): Unfinished[] {
  return journalsIn(folder).map((name) => {
    const path = join(folder, name)
    const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n')
    return { ...JSON.parse(head), path, made: madeIn(lines) }
  })
}

/** The last line may have broken off with the run. */
function madeIn(lines: readonly string[]): Made[] {
  const read: (Made & { isWithdrawn?: true })[] = lines
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line))
  const withdrawn = read.filter(({ isWithdrawn }) => isWithdrawn)
  const isWithdrawn = ({ kind, name }: Made) => withdrawn.some((one) => one.kind === kind && one.name === name)
  return read.filter((one) => !isWithdrawn(one))
}

function journalsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  } catch {
    return []
  }
}
