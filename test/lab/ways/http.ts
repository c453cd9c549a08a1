import { readFile, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import type { Emulator } from '../../../src/emulator.ts'
import { accountId, region } from '../../emulator.ts'
import { type Lab, Refused } from '../lab.ts'

/** The lab through the control API, as any program asks it. */
export function throughHttp({ endpoint }: Emulator): Lab {
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${endpoint}/_s3kms${path}`, { method, ...init })
    if (answer.ok) return answer
    const content = await answer.json()
    expect([answer.status, content]).toEqual([expect.any(Number), { message: expect.any(String) }])
    expect([400, 404, 409, 422]).toContain(answer.status)
    throw new Refused(content.message)
  }
  const get = async (path: string) => (await send('GET', path)).json()
  const post = async (path: string, body?: object) =>
    (await send('POST', path, { body: body && JSON.stringify(body) })).json()
  const lines = async (method: string, path: string) =>
    (await (await send(method, path)).text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  return {
    clock: {
      show: () => get('/clock'),
      advance: (by) => post(`/clock/advance/${by}`),
      set: (to) => post(`/clock/set/${to}`),
      freeze: () => post('/clock/freeze'),
      run: () => post('/clock/run'),
    },
    faults: {
      list: async () => (await get('/faults')).faults,
      add: (rule) => post('/faults', rule),
      clear: async (id) => void (await send('DELETE', id === undefined ? '/faults' : `/faults/${id}`)),
    },
    snapshots: {
      save: async (name) => (await send('PUT', `/snapshots/${encodeURIComponent(name)}`)).json(),
      load: (name) => post(`/snapshots/${encodeURIComponent(name)}/load`),
      list: async () => (await get('/snapshots')).snapshots,
      delete: async (name) => void (await send('DELETE', `/snapshots/${encodeURIComponent(name)}`)),
    },
    policy: {
      suggest: (principal, { since } = {}) => get(`/policy/suggest${queryOf({ principal, since })}`),
      whyNot: (question) => post('/policy/why-not', question),
    },
    inspect: (uri, options) => get(`/inspect${queryOf({ uri, ...options })}`),
    audit: (query = {}) => get(`/audit${queryOf(query)}`),
    verify: (options = {}) => post(`/verify${queryOf(options)}`),
    async watchedVerify(onProgress) {
      const told = await lines('POST', '/verify/progress?repair=false')
      for (const { progress } of told.slice(0, -1)) onProgress(progress)
      return told.at(-1).verification
    },
    async export(file, { passphrase } = {}) {
      await writeFile(file, (await send('GET', '/export', { headers: sealedWith(passphrase) })).body ?? '')
    },
    async import(file, { passphrase } = {}) {
      await send('POST', '/import', { headers: sealedWith(passphrase), body: await readFile(file) })
    },
    seed: async (fixtures) => (await post('/seed', fixtures)).fixtureReport,
    reset: (options) => post(`/reset${queryOf(options)}`),
    settle: () => post('/settle'),
    notifications: (query = {}) => get(`/notifications${queryOf(query)}`),
    trailRecords: () => lines('GET', '/trail/records'),
    explain: async (id) => (await get(`/explain/${id}`)).explanations,
    keys: async () => (await get(`/keys${queryOf(place)}`)).keys,
    async dataEvents() {
      const found = []
      const query = { all: false, since: 0, limit: 1, ...place }
      for (let after: string | undefined; found.length === 0 || after !== undefined; ) {
        const { records, next } = await get(`/trail${queryOf({ ...query, after })}`)
        found.unshift(...records)
        after = next
      }
      return found
    },
    health: () => get('/health'),
  }
}

const place = { account: accountId, region }

function queryOf(parameters: object): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

function sealedWith(passphrase: string | undefined): Record<string, string> {
  return passphrase === undefined ? {} : { 's3kms-passphrase': encodeURIComponent(passphrase) }
}
