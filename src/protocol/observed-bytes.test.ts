import { expect, test } from '@jest/globals'
import { type BytesObserver, observed } from './observed-bytes.ts'

interface Source {
  bytes: AsyncIterable<Uint8Array>
  isClosed: boolean
}

function sourceOf(texts: string[], failure?: Error): Source {
  async function* generate() {
    try {
      for (const text of texts) yield Buffer.from(text)
      if (failure) throw failure
    } finally {
      source.isClosed = true
    }
  }
  const source: Source = { bytes: generate(), isClosed: false }
  return source
}

function recorder(more: Partial<BytesObserver> = {}) {
  const seen: string[] = []
  const observer = {
    piece: (bytes: Uint8Array) => seen.push(Buffer.from(bytes).toString()),
    end: () => seen.push('end'),
  }
  return { seen, observer: { ...observer, ...more } as BytesObserver }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const piece of bytes) text += Buffer.from(piece).toString()
  return text
}

test('The observer sees each piece and then the end, and the reader gets what it would have got', async () => {
  const { seen, observer } = recorder()
  expect(await textOf(observed(sourceOf(['a', 'b']).bytes, observer))).toBe('ab')
  expect(seen).toEqual(['a', 'b', 'end'])
})

test('What an observer throws is thrown to the reader, and the source is closed', async () => {
  const refuse = () => {
    throw new Error('refused')
  }
  for (const more of [{ piece: refuse }, { end: refuse }]) {
    const source = sourceOf(['a'])
    await expect(textOf(observed(source.bytes, recorder(more).observer))).rejects.toThrow('refused')
    expect(source.isClosed).toBe(true)
  }
})

test('A source that fails is told in the words of the observer, or in its own', async () => {
  const failing = () => sourceOf(['a'], new Error('reset')).bytes
  await expect(textOf(observed(failing(), recorder().observer))).rejects.toThrow('reset')
  const worded = recorder({ failed: () => new Error('not whole') })
  await expect(textOf(observed(failing(), worded.observer))).rejects.toThrow('not whole')
  expect(worded.seen).toEqual(['a'])
})

test('What is over stays over: an end is seen once, and nothing comes after an error', async () => {
  const { seen, observer } = recorder()
  const ended = observed(sourceOf([]).bytes, observer)[Symbol.asyncIterator]()
  expect([(await ended.next()).done, (await ended.next()).done]).toEqual([true, true])
  expect(seen).toEqual(['end'])
  const refused = recorder({
    piece: () => {
      throw new Error('refused')
    },
  })
  const broken = observed(sourceOf(['a', 'b']).bytes, refused.observer)[Symbol.asyncIterator]()
  await expect(broken.next()).rejects.toThrow('refused')
  expect((await broken.next()).done).toBe(true)
})

test('A reader that gives up closes the source', async () => {
  const source = sourceOf(['a', 'b'])
  for await (const _ of observed(source.bytes, recorder().observer)) break
  expect(source.isClosed).toBe(true)
})

test('Several observers see each piece one after another, and those behind an error may put it in their own words', async () => {
  const order: string[] = []
  const named = (name: string, more: Partial<BytesObserver> = {}): BytesObserver => ({
    piece: (bytes) => order.push(`${name} ${Buffer.from(bytes)}`),
    end: () => order.push(`${name} end`),
    ...more,
  })
  expect(await textOf(observed(observed(sourceOf(['a', 'b']).bytes, named('1')), named('2')))).toBe('ab')
  expect(order).toEqual(['1 a', '2 a', '1 b', '2 b', '1 end', '2 end'])

  const refusing = { end: () => fail('refused') }
  const wording = { failed: (error: unknown) => new Error(`in other words: ${(error as Error).message}`) }
  const source = sourceOf(['a'])
  const first = observed(observed(source.bytes, named('1', refusing)), named('2', wording))
  await expect(textOf(first)).rejects.toThrow('in other words: refused')
  expect(source.isClosed).toBe(true)
  const second = observed(observed(sourceOf(['a']).bytes, named('1', wording)), named('2', refusing))
  await expect(textOf(second)).rejects.toThrow(/^refused$/)
  const failing = observed(observed(sourceOf([], new Error('reset')).bytes, named('1', wording)), named('2', wording))
  await expect(textOf(failing)).rejects.toThrow('in other words: in other words: reset')
})

function fail(words: string): never {
  throw new Error(words)
}
