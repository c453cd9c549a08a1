import type { IncomingMessage } from 'node:http'
import type { Ambient } from '../../ambient.ts'
import { rootKeyFault, type StoredRootKey } from '../../root-key.ts'
import type { BlobStore } from '../../store/blobs.ts'
import type { Database } from '../../store/database.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { State } from '../../store/state.ts'
import { Turns } from '../../turns.ts'
import { LabRefusal } from '../refusal.ts'
import { exportedEntries, exportHeader, rootKeyOf } from './export-state.ts'
import { FolderSnapshots } from './folder-snapshots.ts'
import { ImportedState } from './import-state.ts'
import { inMemory, MemorySnapshots } from './memory-snapshots.ts'
import { newPassphrase, SealedChunks } from './sealed-chunks.ts'
import type { SnapshotKeeper, SnapshotSummary } from './snapshot-keeper.ts'
import { requireSnapshotName } from './snapshot-name.ts'
import { readStateFile, writeStateFile } from './state-file.ts'
import type { StateHeader } from './state-header.ts'

/** What snapshots need of an emulator. */
export interface SnapshotParts {
  /** The store as it is now: a reset, or a load, makes another one. */
  store(): { database: Database; blobs: BlobStore }
  /**
   * Puts all services over another state.
   * @param name by which the start finds the state after a broken end
   * @param own the request that asks for it
   */
  load(state: State, name: string, own?: IncomingMessage): Promise<void>
  /** A request waits for others: whoever is to be alone need not wait for it. @returns what ends that */
  aside(own: IncomingMessage): () => void
  /** Undefined: in memory. */
  dataDir?: string
  /** Given from outside. */
  rootKey?: Buffer
  /** Its clock. */
  ambient: Pick<Ambient, 'now'>
  /** The machine's own: chance of a seed would give two files one key, and two folders one id. */
  machine: Pick<Ambient, 'randomBytes' | 'uuid'>
}

/** Puts the emulator back to the state in which it was taken. */
export interface Restore {
  (): Promise<void>
  /** Gives up what is kept for it. */
  discard(): Promise<void>
}

const storeIds = recordKind<string>()('setting', ['string'])
const storeId: ['store-id'] = ['store-id']
const saltSize = 16
/** Some MiB. */
const pagesBetweenLooks = 16

/** The states of an emulator that are kept, and those that leave it or come into it. */
export class Snapshots {
  readonly #parts: SnapshotParts
  readonly #keeper: SnapshotKeeper
  /** One after another: each has the names to itself. */
  readonly #turns = new Turns(1)
  #count = 0

  private constructor(parts: SnapshotParts, keeper: SnapshotKeeper) {
    this.#parts = parts
    this.#keeper = keeper
  }

  static async open(parts: SnapshotParts): Promise<Snapshots> {
    const { dataDir, machine } = parts
    if (dataDir === undefined) return new Snapshots(parts, new MemorySnapshots())
    return new Snapshots(parts, new FolderSnapshots(dataDir, await idOfStore(parts.store().database, machine)))
  }

  /**
   * Keeps the state as it is at this moment; requests go on meanwhile. It takes the place of a snapshot of that name.
   * @throws LabRefusal
   */
  async save(name: string, own?: IncomingMessage): Promise<SnapshotSummary> {
    requireSnapshotName(name)
    await this.#inTurn(own, () => this.#keep(name)).catch(refuseWithoutStore)
    const saved = (await this.#keeper.list()).find((summary) => summary.name === name)
    return saved ?? { name, created: this.#parts.ambient.now() }
  }

  /**
   * Puts the emulator into the state that was kept. Requests in flight end as at a reset, those that come meanwhile wait.
   * @throws LabRefusal where there is none, or a damaged one: then nothing has changed
   */
  async load(name: string, own?: IncomingMessage): Promise<void> {
    requireSnapshotName(name)
    await this.#inTurn(own, () => this.#load(name, own)).catch(refuseWithoutStore)
  }

  list(): Promise<SnapshotSummary[]> {
    return this.#keeper.list()
  }

  /** Removes a snapshot; the sweep gives back the space of bodies that only it needed. @throws LabRefusal */
  async delete(name: string, own?: IncomingMessage): Promise<void> {
    requireSnapshotName(name)
    const isDeleted = await this.#inTurn(own, () => this.#discard(name))
    if (!isDeleted) throw absent(name)
  }

  /** Keeps the state without a name, until the emulator ends. */
  async take(): Promise<Restore> {
    const name = `.restore-${++this.#count}`
    await this.#turns.during(() => this.#keep(name))
    const restore = () => this.#turns.during(() => this.#load(name))
    const discard = async () => void (await this.#turns.during(() => this.#discard(name)))
    return Object.assign(restore, { discard })
  }

  /**
   * The state as it is now, bodies and keys included, as bytes of one file.
   * @param passphrase seals it
   * @throws LabRefusal where it is empty, which would keep out nobody
   * @throws StoreClosed when a reset comes between: the file is then not whole, which shows
   */
  export(passphrase?: string): AsyncGenerator<Buffer> {
    if (passphrase === '') throw new LabRefusal('wrong', 'An empty passphrase seals nothing: give another, or none')
    return this.#export(passphrase)
  }

  async *#export(passphrase: string | undefined): AsyncGenerator<Buffer> {
    const { ambient, machine } = this.#parts
    const { database, blobs } = this.#parts.store()
    const release = database.held.holdAll()
    const moment = database.snapshot()
    try {
      const state = await database.stateAt(moment)
      const header = exportHeader(state, ambient.now())
      if (passphrase !== undefined) header.passphrase = newPassphrase(machine.randomBytes(saltSize))
      const sealing = header.passphrase && (await SealedChunks.under(passphrase ?? '', header.passphrase))
      yield* writeStateFile(header, exportedEntries(state, blobs), sealing)
    } finally {
      release()
      await moment.close()
    }
  }

  /**
   * Puts the emulator into the state of an export. Requests go on while it is read; then they end as at a reset.
   * @throws LabRefusal where the file is damaged, newer, sealed otherwise: then nothing has changed
   */
  async import(bytes: AsyncIterable<Uint8Array>, passphrase?: string, own?: IncomingMessage): Promise<void> {
    const file = await readStateFile(bytes, passphrase)
    try {
      this.#requireImportable(file.header)
      const name = `.import-${++this.#count}`
      const { RecordReader } = await import('../verify/record-reader.ts')
      const imported = new ImportedState(file, this.#parts.store().blobs, new RecordReader())
      await this.#stage(name, imported)
      await this.#inTurn(own, () => this.#loadStaged(name, imported, own))
    } catch (error) {
      refuseWithoutStore(error)
    } finally {
      await file.close()
    }
  }

  /** A load that is at work waits for requests to end: not for one whose turn comes behind it. */
  async #inTurn<Result>(own: IncomingMessage | undefined, work: () => Promise<Result>): Promise<Result> {
    const end = own && this.#parts.aside(own)
    return this.#turns
      .during(() => {
        end?.()
        return work()
      })
      .finally(end)
  }

  /** Before anything of it is written. */
  #requireImportable({ content, rootKey }: StateHeader): void {
    if (content !== 'everything') {
      throw new LabRefusal('wrong', 'The file is a snapshot, without its bodies: load it, and export that')
    }
    if (rootKey) this.#requireRootKey({ own: rootKey.own ? 'comes with it' : undefined, check: rootKey.check })
  }

  /** Keeps what an import brings, all of it, before anything changes. */
  async #stage(name: string, imported: ImportedState): Promise<void> {
    const { database } = this.#parts.store()
    try {
      const state = await imported.takeBodies()
      const kept = this.#parts.dataDir === undefined ? await inMemory(state) : withRoom(state, database)
      const created = this.#parts.ambient.now()
      await this.#keeper.keep(name, { state: kept, created, release: async () => undefined })
      database.held.hold(name, state.segments)
    } catch (error) {
      imported.abandon()
      throw error
    }
  }

  async #loadStaged(name: string, imported: ImportedState, own: IncomingMessage | undefined): Promise<void> {
    const state = await this.#openLoadable(name).catch(async (error) => {
      await this.#discard(name)
      imported.abandon()
      throw error
    })
    // Where that fails half way, the next start needs what is staged.
    await this.#parts.load(state, name, own)
    await this.#discard(name)
  }

  async #keep(name: string): Promise<void> {
    const { database } = this.#parts.store()
    // What is dropped before it is known which segments the state needs.
    const release = database.held.holdAll()
    const moment = database.snapshot()
    try {
      const state = await database.stateAt(moment)
      const kept = this.#parts.dataDir === undefined ? state : withRoom(state, database)
      const created = this.#parts.ambient.now()
      await this.#keeper.keep(name, { state: kept, created, release: () => moment.close() })
      database.held.hold(name, state.segments)
    } finally {
      release()
    }
  }

  async #load(name: string, own?: IncomingMessage): Promise<void> {
    await this.#parts.load(await this.#openLoadable(name), name, own)
  }

  async #openLoadable(name: string): Promise<State> {
    const state = await this.#keeper.open(name)
    if (!state) throw absent(name)
    this.#requireRootKey(rootKeyOf(state))
    const { disk } = this.#parts.store().database
    if ((await this.#keeper.sizeOf(name)) > (await disk.spaceForMerging())) {
      throw new LabRefusal('conflict', 'The disk of the data folder has no room for it. Nothing has changed')
    }
    return state
  }

  async #discard(name: string): Promise<boolean> {
    const isDeleted = await this.#keeper.delete(name)
    this.#parts.store().database.held.release(name)
    return isDeleted
  }

  #requireRootKey(stored: StoredRootKey): void {
    const fault = rootKeyFault(stored, this.#parts.rootKey)
    if (fault !== undefined) throw new LabRefusal('conflict', `${fault}. Nothing has changed`)
  }
}

async function idOfStore(database: Database, machine: Pick<Ambient, 'uuid'>): Promise<string> {
  const known = database.get(storeIds, storeId)
  if (known !== undefined) return known
  const id = machine.uuid()
  await database.transact((transaction) => transaction.put(storeIds, storeId, id))
  return id
}

/** A state that is written as long as there is room beyond what is kept for deleting. @throws StoreUnavailable */
function withRoom(state: State, { disk }: Database): State {
  return {
    ...state,
    async *records() {
      let pages = 0
      for await (const page of state.records()) {
        if (pages++ % pagesBetweenLooks === 0) await disk.findSpace(false)
        yield page
      }
    },
  }
}

/** What the store refuses, as a full disk and a reset that came between, is said to who asked. */
function refuseWithoutStore(error: unknown): never {
  if (error instanceof StoreUnavailable) throw new LabRefusal('conflict', error.message)
  throw error
}

function absent(name: string): LabRefusal {
  return new LabRefusal('absent', name.startsWith('.') ? 'It was discarded' : `There is no snapshot ${name}`)
}
