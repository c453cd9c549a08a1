import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stored, textsOf, writeKept } from './blobs.fixture.ts'
import { type BlobId, type BlobStore, openBlobs, type WrittenBlob } from './blobs.ts'
import { Database, StoreClosed } from './database.ts'
import { moment } from './moment.fixture.ts'

/*
 * Clients of an emulator that is reset again and again. An upload, a part or a copy goes on through as many resets as the script
 * has; a form's file and a small PUT are one step. Whoever began before a reset is refused after it, and the store holds
 * exactly what was kept since the last one.
 */

type Script = { does: (typeof doings)[number]; which: number }[]
const doings = [
  'begin',
  'send',
  'send',
  'send',
  'end',
  'keep',
  'keep instead',
  'keep aside',
  'abandon',
  'copy',
  'form',
  'sweep aside',
  'read',
  'reset',
  'reset aside',
] as const
const scripts: fc.Arbitrary<Script> = fc.array(fc.record({ does: fc.constantFrom(...doings), which: fc.nat(30) }), {
  maxLength: 70,
})

/** One generation, and who works on it. */
interface World {
  database: Database
  blobs: BlobStore
}

/** A body that comes piece by piece, as a slow client sends it. */
class Upload {
  readonly world: World
  readonly texts: string[] = []
  readonly outcome: Promise<WrittenBlob | StoreClosed>
  #next = moment()
  #sent = 0
  #isWhole = false

  constructor(world: World) {
    this.world = world
    this.outcome = world.blobs.write(this.#segments()).catch(ifClosed)
  }

  send(text: string): void {
    this.texts.push(text)
    this.#next.come()
  }

  end(): Promise<WrittenBlob | StoreClosed> {
    this.#isWhole = true
    this.#next.come()
    return this.outcome
  }

  async *#segments(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const text = this.texts[this.#sent]
      if (text !== undefined) {
        this.#sent++
        // Both ways into the store: small bodies share a batch, larger segments are put one by one.
        yield Buffer.from(text.padEnd(this.#sent % 2 === 0 ? 40_000 : 1))
        continue
      }
      if (this.#isWhole) return
      this.#next = moment()
      await this.#next.comes
    }
  }
}

function ifClosed(error: unknown): StoreClosed {
  if (error instanceof StoreClosed) return error
  throw error
}

class Model {
  world: World
  uploads: Upload[] = []
  written: { world: World; blob: WrittenBlob; texts: string[] }[] = []
  kept = new Map<BlobId, string[]>()
  aside: Promise<unknown>[] = []
  clearing: Promise<Database> | undefined
  #count = 0

  constructor(world: World) {
    this.world = world
  }

  async take({ does, which }: Script[number]): Promise<void> {
    const upload = this.uploads[which % Math.max(1, this.uploads.length)]
    if (does === 'begin') this.uploads.push(new Upload(this.world))
    if (does === 'send') upload?.send(`text ${this.#count++}`)
    if (does === 'end' && upload) await this.#end(upload)
    if (does === 'keep' || does === 'keep instead') await this.#keep(which, does === 'keep instead')
    if (does === 'keep aside') this.#keepAside(which)
    if (does === 'abandon') this.#abandon(which)
    if (does === 'copy') await this.#copy(which)
    if (does === 'form') await this.#form()
    if (does === 'sweep aside') this.aside.push(this.world.blobs.sweep().catch(ifClosed))
    if (does === 'read') await this.checkOne(which)
    if (does === 'reset aside') this.clearing ??= this.world.database.clear()
    if (does === 'reset') await this.finishReset(this.world.database.clear())
    if (this.clearing && which % 3 === 0) await this.finishReset(this.clearing)
  }

  async finishReset(clearing: Promise<Database>): Promise<void> {
    const database = await clearing
    this.clearing = undefined
    this.world = { database, blobs: await openBlobs(database) }
    this.kept.clear()
  }

  async checkOne(which: number): Promise<void> {
    const [id, texts] = [...this.kept][which % Math.max(1, this.kept.size)] ?? []
    if (id === undefined || !texts || this.clearing) return
    expect((await textsOf(this.world.blobs.read(id, 0, texts.length))).map((text) => text.trimEnd())).toEqual(texts)
  }

  isOver(world: World): boolean {
    return world !== this.world || this.clearing !== undefined
  }

  async #end(upload: Upload): Promise<void> {
    this.uploads = this.uploads.filter((other) => other !== upload)
    if (upload.texts.length === 0) upload.send('only')
    // What lies behind the last segment that was sent may have been in the store before the reset.
    const sentAfter = this.isOver(upload.world)
    if (sentAfter) upload.send('after the reset')
    const blob = await upload.end()
    expect(blob instanceof StoreClosed).toBe(sentAfter)
    if (!(blob instanceof StoreClosed)) this.written.push({ world: upload.world, blob, texts: upload.texts })
  }

  async #keep(which: number, instead: boolean): Promise<void> {
    const [chosen] = this.written.splice(which % Math.max(1, this.written.length), 1)
    if (!chosen) return
    const { world, blob, texts } = chosen
    const [replaced] = instead && !this.isOver(world) ? this.kept.keys() : []
    const kept = world.database.transact((transaction) => {
      world.blobs.keep(transaction, blob)
      if (replaced !== undefined) world.blobs.drop(transaction, replaced)
    })
    const isRefused = (await kept.catch(ifClosed)) instanceof StoreClosed
    expect(isRefused).toBe(this.isOver(world))
    if (isRefused) return world.blobs.abandon(blob)
    this.kept.set(blob.id, texts)
    if (replaced !== undefined) this.kept.delete(replaced)
  }

  /** A commit that the reset may overtake; of a world that stays, it is awaited. */
  #keepAside(which: number): void {
    const [chosen] = this.written.splice(which % Math.max(1, this.written.length), 1)
    if (!chosen) return
    const { world, blob } = chosen
    this.aside.push(world.database.transact((transaction) => world.blobs.keep(transaction, blob)).catch(ifClosed))
    this.clearing ??= this.world.database.clear()
  }

  #abandon(which: number): void {
    const [chosen] = this.written.splice(which % Math.max(1, this.written.length), 1)
    chosen?.world.blobs.abandon(chosen.blob)
  }

  async #copy(which: number): Promise<void> {
    const { world } = this
    const [id, texts] = [...this.kept][which % Math.max(1, this.kept.size)] ?? []
    if (id === undefined || !texts || this.clearing) return
    const copy = new Upload(world)
    const pin = world.blobs.pin([id])
    const copied = textsOf(world.blobs.read(id, 0, texts.length)).then((read) => {
      for (const text of read) copy.send(text.trimEnd())
    })
    this.uploads.push(copy)
    await copied.finally(() => pin.release())
  }

  async #form(): Promise<void> {
    const { database, blobs } = this.world
    const text = `form ${this.#count++}`
    const kept = await writeKept(database, blobs, text).catch(ifClosed)
    expect(kept instanceof StoreClosed).toBe(this.clearing !== undefined)
    if (!(kept instanceof StoreClosed)) this.kept.set(kept.id, [text])
  }

  /** All that is left is brought to its end, whatever generation it belongs to. */
  async settle(): Promise<void> {
    if (this.clearing) await this.finishReset(this.clearing)
    for (const upload of [...this.uploads]) await this.#end(upload)
    for (const { world, blob } of this.written) world.blobs.abandon(blob)
    await Promise.all(this.aside)
  }
}

test.each([
  ['memory', 300],
  ['disk', 8],
])(
  'no interleaving with resets lets a closed generation write, or harms what was kept since (%s)',
  async (backend, numRuns) => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const path = backend === 'disk' ? await mkdtemp(join(tmpdir(), 'generations-')) : undefined
        const first = await Database.open({ folder: path })
        const model = new Model({ database: first, blobs: await openBlobs(first) })
        for (const step of script) await model.take(step)
        await model.settle()
        const { database, blobs } = model.world
        await blobs.close()
        const last = await openBlobs(database)
        await last.sweep()
        for (const [id, texts] of model.kept) {
          expect((await textsOf(last.read(id, 0, texts.length))).map((text) => text.trimEnd())).toEqual(texts)
        }
        expect(await stored(database)).toBe([...model.kept.values()].flat().length)
        await database.close()
        if (path !== undefined) await rm(path, { recursive: true })
      }),
      { numRuns },
    )
  },
)
