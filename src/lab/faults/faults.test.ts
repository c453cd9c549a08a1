import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import type { FaultRule } from './fault-rule.ts'
import { EmulatorFaults } from './faults.ts'

const ambient = new TurnableAmbient()

test.each<[FaultRule, string[]]>([
  [{ operation: 'PutObject', error: 'SlowDown' }, ['s3 PutObject']],
  [{ operation: '*Object', service: 's3', latency: 1 }, ['s3 PutObject', 's3 GetObject']],
  [{ operation: 'GetObject,Decrypt', latency: 1 }, ['s3 GetObject', 'kms Decrypt']],
  [{ service: 'kms', reset: 'before' }, ['kms Decrypt', 'kms ListKeys']],
  [{ onlyForS3: true, reset: 'before' }, ['kms Decrypt', 'kms ListKeys']],
  [{ key: 'alias/app', latency: 1 }, ['kms Decrypt', 'kms ListKeys']],
  [{ corrupt: true }, ['s3 GetObject']],
  [{ error: 'ThrottlingException' }, ['kms Decrypt', 'kms ListKeys']],
  [{ bucket: 'uploads', latency: 1 }, ['s3 PutObject', 's3 GetObject', 'kms Decrypt', 'kms ListKeys']],
])('%j may be about %j, and nothing else is asked of it', (rule, expected) => {
  const faults = new EmulatorFaults(ambient)
  faults.addRule(rule)
  const found = [
    ...['PutObject', 'GetObject'].filter((name) => faults.concern('s3', name)).map((name) => `s3 ${name}`),
    ...['Decrypt', 'ListKeys'].filter((name) => faults.concern('kms', name)).map((name) => `kms ${name}`),
  ]
  expect(found).toEqual(expected)
})

test('What is known of an operation follows the rules as they come, strike for the last time, and end', async () => {
  const faults = new EmulatorFaults(ambient)
  const concerned = () => [faults.active?.concern('s3', 'PutObject'), faults.active?.concern('s3', 'GetObject')]
  faults.addRule({ operation: 'GetObject', latency: 1 })
  expect(concerned()).toEqual([false, true])
  faults.addRule({ operation: 'PutObject', error: 'SlowDown', times: 1 })
  expect(concerned()).toEqual([true, true])
  const call = faults.meet({ service: 's3', operation: 'PutObject', region: 'us-east-1' })
  await expect(call).rejects.toMatchObject({ code: 'SlowDown' })
  expect(concerned()).toEqual([false, true])
  await faults.clear()
  expect(concerned()).toEqual([undefined, undefined])
})

const hour = 3_600_000
const put = { service: 's3', operation: 'PutObject', region: 'us-east-1' } as const

test('A call that waits goes on when its rule is cleared, while others stay', async () => {
  const faults = new EmulatorFaults(ambient)
  const { id } = faults.addRule({ operation: 'PutObject', latency: hour })
  const { id: second } = faults.addRule({ operation: 'PutObject', latency: hour })
  faults.addRule({ operation: 'GetObject', latency: hour })
  const ended: string[] = []
  const call = faults.meet(put).then(() => ended.push('call'))
  await faults.clear(second)
  await faults.clear(id)
  await call
  expect(ended).toEqual(['call'])
  expect((await faults.list()).map(({ operation }) => operation)).toEqual(['GetObject'])
})

test('A call that waits under a rule that is over goes on when that is cleared, and then there is none', async () => {
  const faults = new EmulatorFaults(ambient)
  const { id } = faults.addRule({ operation: 'PutObject', latency: hour, times: 1 })
  faults.addRule({ operation: 'GetObject', latency: hour })
  const call = faults.meet(put)
  await faults.clear(id)
  await call
  await expect(faults.clear(id)).rejects.toThrow(`There is no fault ${id}`)
})

test('A call that waits goes on when other rules take the place of its own', async () => {
  const faults = new EmulatorFaults(ambient)
  const { id } = faults.addRule({ operation: 'PutObject', latency: hour })
  const call = faults.meet(put)
  faults.replace((fault) => fault.id === id, [{ rule: { operation: 'GetObject', latency: hour } }])
  expect(await call).toBeUndefined()
})
