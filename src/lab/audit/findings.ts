/** What an audit finds, and how bad that is. */
export const findingKinds = {
  unencrypted: { level: 'error', title: 'lies in clear' },
  'managed-key': { level: 'warning', title: 'is sealed under the AWS managed key, whose policy nobody can change' },
  public: { level: 'error', title: 'is open to everybody' },
  'sensitive-context': {
    level: 'error',
    title: 'has personal data in its encryption context, which is logged in clear',
  },
  'broad-policy': { level: 'warning', title: 'has a policy that allows too much' },
  'broad-grant': { level: 'warning', title: 'has a grant that allows too much' },
  'unused-key': { level: 'note', title: 'was never used' },
} as const satisfies Record<string, { level: 'error' | 'warning' | 'note'; title: string }>

export type FindingKind = keyof typeof findingKinds

export interface Finding {
  kind: FindingKind
  level: 'error' | 'warning' | 'note'
  /** `s3://bucket`, `s3://bucket/key`, or an ARN */
  where: string
  /** A sentence. */
  message: string
}

const listedOfEach = 1000

/** What was found: all is counted, and of each kind the first are listed. */
export class Findings {
  readonly #found = new Map<FindingKind, { count: number; listed: Finding[] }>()

  /** @param more half a sentence that says more than the kind does */
  add(kind: FindingKind, where: string, more?: string): void {
    const { level, title } = findingKinds[kind]
    const found = this.#found.get(kind) ?? { count: 0, listed: [] }
    this.#found.set(kind, found)
    found.count++
    if (found.listed.length >= listedOfEach) return
    found.listed.push({ kind, level, where, message: `${where} ${title}${more === undefined ? '' : `: ${more}`}` })
  }

  /** In the order of the kinds. */
  list(): Finding[] {
    return kindsInOrder.flatMap((kind) => this.#found.get(kind)?.listed ?? [])
  }

  counts(): Partial<Record<FindingKind, number>> {
    return Object.fromEntries(
      kindsInOrder.flatMap((kind) => {
        const found = this.#found.get(kind)
        return found ? [[kind, found.count]] : []
      }),
    )
  }
}

const kindsInOrder = Object.keys(findingKinds).filter((kind): kind is FindingKind => isFindingKind(kind))

export function isFindingKind(text: string): text is FindingKind {
  return Object.hasOwn(findingKinds, text)
}
