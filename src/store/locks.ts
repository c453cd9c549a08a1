/** Shared: many hold it together (use). Exclusive: one alone (change). */
export interface LockRequest {
  name: string
  mode: 'shared' | 'exclusive'
}

interface Waiting {
  mode: LockRequest['mode']
  grant: () => void
}

interface Lock {
  /** Holders now: n shared ones, or -1 for one exclusive. */
  held: number
  queue: Waiting[]
}

const fewestKept = 1024

/** Locks by name, held in memory for the length of one commit, never while a body streams. First come, first served. */
export class KeyedLocks {
  /** Idle locks stay until there are many, because they are used again, and a Map that changes all the time is slow. */
  readonly #locks = new Map<string, Lock>()
  #manyLocks = fewestKept

  /**
   * Runs `body` under the locks. Several are taken in the order of their names, so two callers cannot wait for each other;
   * a name asked for twice is taken once, in the stronger mode.
   */
  async with<Result>(requests: readonly LockRequest[], body: () => Promise<Result>): Promise<Result> {
    const held: Lock[] = []
    for (const { name, mode } of orderedOnce(requests)) {
      const lock = this.#locks.get(name) ?? this.#make(name)
      const waiting = acquire(lock, mode)
      if (waiting) await waiting
      held.push(lock)
    }
    try {
      return await body()
    } finally {
      for (const lock of held) release(lock)
    }
  }

  #make(name: string): Lock {
    if (this.#locks.size >= this.#manyLocks) this.#dropIdle()
    const lock: Lock = { held: 0, queue: [] }
    this.#locks.set(name, lock)
    return lock
  }

  #dropIdle(): void {
    for (const [name, { held }] of this.#locks) if (held === 0) this.#locks.delete(name)
    this.#manyLocks = Math.max(fewestKept, 2 * this.#locks.size)
  }
}

/** @returns undefined: the lock is the caller's at once */
function acquire(lock: Lock, mode: LockRequest['mode']): Promise<void> | undefined {
  if (lock.queue.length === 0 && isFree(lock, mode)) {
    take(lock, mode)
    return undefined
  }
  return new Promise((grant) => {
    lock.queue.push({ mode, grant })
  })
}

function release(lock: Lock): void {
  lock.held = lock.held === -1 ? 0 : lock.held - 1
  for (let next = lock.queue[0]; next && isFree(lock, next.mode); next = lock.queue[0]) {
    lock.queue.shift()
    take(lock, next.mode)
    next.grant()
  }
}

function take(lock: Lock, mode: LockRequest['mode']): void {
  lock.held = mode === 'exclusive' ? -1 : lock.held + 1
}

function isFree(lock: Lock, mode: LockRequest['mode']): boolean {
  return mode === 'exclusive' ? lock.held === 0 : lock.held >= 0
}

function orderedOnce(requests: readonly LockRequest[]): readonly LockRequest[] {
  const [first, second] = requests
  if (!first || !second) return requests
  if (requests.length === 2 && first.name !== second.name) {
    return first.name < second.name ? requests : [second, first]
  }
  const strongest = new Map<string, LockRequest>()
  for (const request of requests) {
    if (strongest.get(request.name)?.mode !== 'exclusive') strongest.set(request.name, request)
  }
  return [...strongest.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
