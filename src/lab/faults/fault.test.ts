import { expect, test } from '@jest/globals'
import type { FaultSubject } from '../../fault-source.ts'
import { Fault } from './fault.ts'
import type { FaultRule } from './fault-rule.ts'
import { matcherOf } from './matching.ts'

const call: FaultSubject = {
  service: 'kms',
  operation: 'GenerateDataKey',
  region: 'eu-west-1',
  principalArn: 'arn:aws:iam::111122223333:user/team/app',
  keys: ['arn:aws:kms:eu-west-1:111122223333:key/2b6a1f6e', 'alias/app'],
  bucket: 'uploads',
  objectKey: 'in/one',
  via: 's3',
}

test.each<[FaultRule, boolean]>([
  [{}, true],
  [{ service: 's3' }, false],
  [{ operation: 'Decrypt,GenerateDataKey' }, true],
  [{ operation: 'Generate*' }, true],
  [{ operation: 'Generate*Pair' }, false],
  [{ operation: '*Data*' }, true],
  [{ operation: 'GenerateDataKeyGenerateDataKey' }, false],
  [{ operation: 'GenerateDataKey*GenerateDataKey' }, false],
  [{ principal: 'app' }, true],
  [{ principal: 'team/app' }, true],
  [{ principal: 'user/*' }, true],
  [{ principal: 'ap' }, false],
  [{ principal: 'arn:aws:iam::111122223333:*' }, true],
  [{ principal: 'arn:aws:iam::111122223333:user/app' }, false],
  [{ key: '2b6a1f6e' }, true],
  [{ key: 'arn:aws:kms:eu-west-1:111122223333:key/2b6a1f6e' }, true],
  [{ key: 'alias/app' }, true],
  [{ key: 'alias/other' }, false],
  [{ bucket: 'uploads', prefix: 'in/', region: 'eu-west-1', onlyForS3: true }, true],
  [{ prefix: 'out/' }, false],
  [{ region: 'us-east-1' }, false],
])('Whether %j is about the call: %j', (rule, expected) => {
  expect(matcherOf(rule)(call)).toBe(expected)
})

test('A caller without a name and a call without a bucket fit no rule that names one', () => {
  const bare: FaultSubject = { service: 's3', operation: 'ListBuckets', region: 'us-east-1' }
  for (const rule of [{ principal: '*' }, { bucket: 'uploads' }, { prefix: '' }, { key: 'k' }, { onlyForS3: true }]) {
    expect(matcherOf(rule)(bare)).toBe(false)
  }
})

const fault = (rule: FaultRule) => new Fault('fault-1', rule, { now: 0, random: () => 0.5 })

test('What S3 finds of a broken connection to KMS is that KMS did not answer', () => {
  expect(fault({ reset: 'before' }).strike(call, 0)?.refusal).toMatchObject({ code: 'DependencyTimeoutException' })
  expect(fault({ cut: true }).strike({ ...call, via: undefined }, 0)?.answer).toBe('reset')
})

test('A body is corrupted where there is one, and what has none is not counted', () => {
  const corrupting = fault({ corrupt: true, times: 1 })
  const of = (operation: string) => corrupting.strike({ service: 's3', operation, region: 'us-east-1' }, 0)?.answer
  expect([of('HeadObject'), of('PutObject'), of('ListObjectsV2'), of('GetObject')].map(String)).toEqual([
    ...['undefined', 'undefined', 'undefined'],
    'corrupt',
  ])
  expect(corrupting.report()).toMatchObject({ matched: 1, struck: 1 })
})

test('A throttle lets so many calls of a second pass', () => {
  const throttled = fault({ throttle: 2 })
  const struck = [0, 1, 999, 1000, 1001, 1002].map((time) => throttled.strike(call, time) !== undefined)
  expect(struck).toEqual([false, false, true, false, false, true])
})

test('A rule is over after so many strikes, and after its time', () => {
  const twice = fault({ error: 'ThrottlingException', times: 2, for: '1h' })
  expect(twice.isOver(0)).toBe(false)
  twice.strike(call, 0)
  twice.strike(call, 0)
  expect(twice.isOver(0)).toBe(true)
  expect(fault({ error: 'ThrottlingException', for: '1h' }).isOver(3_600_000)).toBe(true)
})

test('The latency lies about its middle by its jitter', () => {
  const latency = (random: number) => {
    const rule: FaultRule = { latency: 100, jitter: 40 }
    return new Fault('fault-1', rule, { now: 0, random: () => random }).strike(call, 0)?.latency
  }
  expect([latency(0), latency(0.5), latency(1)]).toEqual([60, 100, 140])
})
