import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Database } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import { type Explanation, Explanations, type Note } from './explanations.ts'

/* Which calls are told of, in which order, before a restart and after it. */

let database: Database
let explanations: Explanations
beforeEach(async () => {
  database = await Database.open({})
  explanations = new Explanations(database)
})
afterEach(() => database.close())

function explanationOf(requestId: string, causeId?: string): Explanation {
  const caller = { arn: 'arn', accountId: '1' }
  return { requestId, causeId, time: 0, operation: 'Decrypt', region: 'us-east-1', caller, rulings: [] }
}

function note(requestId: string, causeId?: string): Note {
  return { requestId, causeId, explain: () => explanationOf(requestId, causeId) }
}

async function store(...stored: Explanation[]): Promise<void> {
  await database.transact((transaction) => {
    for (const explanation of stored) explanations.store(transaction, explanation)
  })
}

async function found(id: string): Promise<string[]> {
  return (await explanations.find(id)).map(({ requestId }) => requestId)
}

/** An earlier request and its call, a request with two calls of which the last came before it, and one more. */
const told: [string, string?][] = [
  ['s3-1'],
  ['kms-1', 's3-1'],
  ['kms-2', 's3-2'],
  ['s3-2'],
  ['kms-3', 's3-2'],
  ['kms-4'],
]

test('A request is told before the calls that it caused, and none of another request', async () => {
  for (const [requestId, causeId] of told) explanations.keep(note(requestId, causeId))
  expect(await found('s3-1')).toEqual(['s3-1', 'kms-1'])
  expect(await found('s3-2')).toEqual(['s3-2', 'kms-2', 'kms-3'])
  expect(await found('kms-2')).toEqual(['kms-2'])
  expect(await found('nothing')).toEqual([])
})

test('The last is the last call with all that belongs to its cause', async () => {
  expect(await found('last')).toEqual([])
  const lasts: string[][] = []
  for (const [requestId, causeId] of told) {
    explanations.keep(note(requestId, causeId))
    lasts.push(await found('last'))
  }
  expect(lasts).toEqual([
    ['s3-1'],
    ['s3-1', 'kms-1'],
    // Of its cause nothing was asked yet.
    ['kms-2'],
    ['s3-2', 'kms-2'],
    ['s3-2', 'kms-2', 'kms-3'],
    ['kms-4'],
  ])
})

test('The last thousand are in memory, the oldest goes first', async () => {
  for (let number = 0; number < 1000; number++) explanations.keep(note(`call-${number}`))
  expect(
    explanations
      .inOrder()
      .map(({ requestId }) => requestId)
      .slice(0, 2),
  ).toEqual(['call-0', 'call-1'])
  explanations.keep(note('call-1000'))
  const inOrder = explanations.inOrder().map(({ requestId }) => requestId)
  expect(inOrder).toHaveLength(1000)
  expect([inOrder[0], inOrder[998], inOrder[999]]).toEqual(['call-1', 'call-999', 'call-1000'])
  expect(await found('call-0')).toEqual([])
  expect(await found('call-1')).toEqual(['call-1'])
})

test('After a restart the last thousand refusals are told, in their order', async () => {
  await store(...told.map(([requestId, causeId]) => explanationOf(requestId, causeId)))
  explanations = new Explanations(database)
  expect(await found('s3-2')).toEqual(['s3-2', 'kms-2', 'kms-3'])
  expect(await found('last')).toEqual(['kms-4'])
  await store(...Array.from({ length: 999 }, (_, number) => explanationOf(`more-${number}`, 'cause')))
  explanations = new Explanations(database)
  expect(await found('kms-3')).toEqual([])
  const more = await found('cause')
  expect([more.length, more[0], more[998]]).toEqual([999, 'more-0', 'more-998'])
  expect(await found('kms-4')).toEqual(['kms-4'])
})

test('What is in memory counts before what was stored', async () => {
  await store(explanationOf('one'))
  explanations.keep({ requestId: 'one', explain: () => ({ ...explanationOf('one'), operation: 'Encrypt' }) })
  expect(await explanations.find('one')).toMatchObject([{ operation: 'Encrypt' }])
})

test('What was stored lies under its slot, where a later version will look for it', async () => {
  await store(explanationOf('one'), explanationOf('two'))
  const slots = []
  for await (const { key, value } of database.entries(recordKind<Explanation>()('explanation', ['integer']))) {
    slots.push([...key, value.requestId])
  }
  expect(slots).toEqual([
    [0, 'one'],
    [1, 'two'],
  ])
})
