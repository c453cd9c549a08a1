import { expect, test } from '@jest/globals'
import { asStoreError, isLocked, StoreLocked, StoreNotOpened } from './open-errors.ts'
import { StoreDamaged } from './store-damaged.ts'

/** As abstract-level has it: what went wrong is the cause. */
const failed = (message: string, code = 'LEVEL_IO_ERROR') =>
  new Error('Database failed to open', { cause: Object.assign(new Error(message), { code }) })

function told(error: unknown): string {
  const found = asStoreError('/data', error)
  expect(found).toBeInstanceOf(Error)
  return found instanceof Error ? found.message : ''
}

test.each([
  ['IO error: /data/LOCK: Permission denied', 'EACCES, no permission to read and write it'],
  ['IO error: Access is denied.', 'EACCES, no permission to read and write it'],
  ['IO error: Operation not permitted', 'EPERM, no permission to read and write it'],
  ['IO error: Read-only file system', 'EROFS, its file system is read-only'],
  ['IO error: No space left on device', 'ENOSPC, its disk is full'],
  ['IO error: Disk quota exceeded', 'EDQUOT, its disk quota is used up'],
  ['IO error: Too many open files', 'EMFILE, too many files are open'],
])('%s is told as %s', (message, reason) => {
  expect(told(failed(message))).toBe(`The data folder /data cannot be opened: ${reason} (${message})`)
  expect(asStoreError('/data', failed(message))).toBeInstanceOf(StoreNotOpened)
})

test('Another failure is told in its own words', () => {
  expect(told(failed('odd'))).toBe('The data folder /data cannot be opened: odd')
  expect(told(new Error('plain'))).toBe('The data folder /data cannot be opened: plain')
})

test('A lock is told by its code, however deep it lies', () => {
  const locked = failed('lock /data/LOCK: already held by process', 'LEVEL_LOCKED')
  expect(isLocked(locked)).toBe(true)
  expect(isLocked(new Error('outer', { cause: locked }))).toBe(true)
  expect(asStoreError('/data', locked)).toBeInstanceOf(StoreLocked)
  expect(told(locked)).toBe('The data folder /data is in use by another process')
  expect([isLocked(failed('x')), isLocked(undefined), isLocked(null), isLocked('LEVEL_LOCKED')]).toEqual(
    Array(4).fill(false),
  )
})

test('What LevelDB calls a corruption is damage, and damage that was found stays what it is', () => {
  const corrupt = failed('Corruption: bad record length', 'LEVEL_CORRUPTION')
  expect(asStoreError('/data', corrupt)).toBeInstanceOf(StoreDamaged)
  expect(told(corrupt)).toContain('a file cannot be read (LevelDB: bad record length)')
  expect(told(failed('not Corruption: x'))).toBe('The data folder /data cannot be opened: not Corruption: x')
  const damaged = new StoreDamaged('/data', 'CURRENT', 'is missing')
  expect(asStoreError('/elsewhere', damaged)).toBe(damaged)
  expect(damaged.message).toBe(
    'The data folder /data is damaged: CURRENT is missing. Nothing was changed: put a copy of the folder in its place, or begin with an empty one: move this one aside, or name another with --data-dir',
  )
})

test('What is no error stays what it is', () => {
  for (const thrown of [undefined, null, 'text', 7, {}, { message: 7 }])
    expect(asStoreError('/data', thrown)).toBe(thrown)
})
