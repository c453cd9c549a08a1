import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import type { Emulator } from '../../../src/emulator.ts'
import type { FaultRule } from '../../../src/lab/faults/fault-rule.ts'
import { commandLine } from '../../process.ts'
import { type Lab, Refused } from '../lab.ts'
import { recordsIn } from './log-files.ts'

/**
 * The lab through the built program.
 * @param note called with the words of each command that was done
 */
export function throughCommandLine({ endpoint }: Emulator, note: (words: readonly string[]) => void): Lab {
  /** @param codeOf the exit code that is due to an answer */
  const printed = async (words: readonly string[], codeOf: (stdout: string) => number = () => 0): Promise<string> => {
    const { code, stdout, stderr } = await commandLine([...words, '--endpoint', endpoint, '--json'])
    if (stderr !== '') throw refusalIn(code, stdout, stderr)
    expect(code).toBe(codeOf(stdout))
    note(words)
    return stdout
  }
  const ask = async (...words: string[]) => JSON.parse(await printed(words))
  const lines = async (...words: string[]) =>
    (await printed(words)).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  const verify = async (...words: string[]) =>
    JSON.parse(await printed(['verify', ...words], (stdout) => (JSON.parse(stdout).ok ? 0 : 1)))
  return {
    clock: {
      show: () => ask('clock', 'show'),
      advance: (by) => ask('clock', 'advance', String(by)),
      set: (to) => ask('clock', 'set', String(to)),
      freeze: () => ask('clock', 'freeze'),
      run: () => ask('clock', 'run'),
    },
    faults: {
      list: () => ask('faults', 'list'),
      add: (rule) => ask('faults', 'add', ...flagsOf(rule)),
      clear: (id) => ask('faults', 'clear', ...(id === undefined ? [] : [id])),
    },
    snapshots: {
      save: (name) => ask('snapshot', 'save', name),
      load: (name) => ask('snapshot', 'load', name),
      list: () => ask('snapshot', 'list'),
      delete: (name) => ask('snapshot', 'delete', name),
    },
    policy: {
      suggest: (principal, { since } = {}) =>
        ask('policy', 'suggest', '--principal', principal, ...time('--since', since)),
      whyNot: async ({ principal, action, resource, encryptionContext = {}, via }) => {
        const context = Object.entries(encryptionContext).map(([name, value]) => `${name}=${value}`)
        const words = ['policy', 'why-not', '--principal', principal, '--action', action, '--resource', resource]
        if (via) words.push('--via-s3')
        if (context.length > 0) words.push('--context', ...context)
        return JSON.parse(await printed(words, (stdout) => (JSON.parse(stdout).allowed ? 0 : 1)))
      },
    },
    inspect: (uri, { limit } = {}) => ask('inspect', uri, ...option('--limit', limit)),
    audit: ({ by, since, until } = {}) =>
      ask('audit', '--format', 'json', ...option('--by', by), ...time('--since', since), ...time('--until', until)),
    verify: ({ repair } = {}) => verify(...(repair ? ['--repair'] : [])),
    watchedVerify: () => Promise.reject(new Error('only a terminal watches')),
    export: async (file, { passphrase } = {}) =>
      void (await ask('export', file, ...option('--passphrase', passphrase))),
    import: async (file, { passphrase } = {}) =>
      void (await ask('import', file, ...option('--passphrase', passphrase))),
    seed: (fixtures) =>
      inFolder(async (folder) => {
        const file = join(folder, 'fixtures.json')
        await writeFile(file, JSON.stringify(fixtures))
        return (await ask('seed', file)).fixtureReport
      }),
    reset: ({ fixtures }) => ask('reset', ...(fixtures ? ['--fixtures'] : [])),
    settle: () => ask('settle'),
    notifications: ({ bucket, after, limit } = {}) =>
      ask('notifications', ...option('--bucket', bucket), ...option('--after', after), ...option('--limit', limit)),
    trailRecords: () =>
      inFolder(async (folder) => {
        await ask('trail', 'export', '--dir', folder)
        return recordsIn(folder)
      }),
    explain: (id) => ask('explain', id),
    keys: () => ask('keys'),
    dataEvents: () => lines('trail', '--data-events', '--since', '1d'),
    health: () => ask('health'),
  }
}

/** One line, and nothing else; 1: it cannot be done, 2: it was asked wrongly. */
function refusalIn(code: number | null, stdout: string, stderr: string): Error {
  expect([1, 2]).toContain(code)
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(/^s3kms-emu: [^\n]+\n$/) })
  return new Refused(stderr.slice('s3kms-emu: '.length, -1))
}

/** `onlyForS3` is `--only-for-s3`. */
function flagsOf(rule: FaultRule): string[] {
  return Object.entries(rule).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    return value === true ? [flag] : [flag, String(value)]
  })
}

function option(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [flag, String(value)]
}

function time(flag: string, value: number | undefined): string[] {
  return option(flag, value === undefined ? undefined : new Date(value).toISOString())
}

async function inFolder<Result>(action: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-lab-'))
  return action(folder).finally(() => rm(folder, { recursive: true }))
}
