import { loadSource } from '../load-source.mjs'

/** What ten policies of 50 statements add to a request: all of them are weighed, and one of them allows. */
export async function measurePolicies({ report, median, isQuick }) {
  const { evaluate } = await loadSource('src/aws/policy.ts')
  const { parsePolicy } = await loadSource('src/aws/policy-parse.ts')
  const { userCaller } = await loadSource('src/aws/caller.ts')
  const statement = (policy, index) => ({
    Effect: index % 7 === 0 ? 'Deny' : 'Allow',
    Action: ['s3:GetObject', 's3:Put*'],
    Resource: [`arn:aws:s3:::bucket-${index}/*`, `arn:aws:s3:::other-${policy}/prefix/*`],
    Condition: { StringEquals: { 'aws:username': 'somebody' } },
  })
  const policies = Array.from({ length: 10 }, (_, policy) => {
    const Statement = Array.from({ length: 50 }, (_, index) => statement(policy, index))
    if (policy === 9) Statement[49] = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
    return {
      name: `policy ${policy}`,
      policy: parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'identity'),
    }
  })
  const caller = userCaller('000000000000', 'app')
  const context = new Map([['aws:username', ['app']]])
  const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket-3/a/key', caller, context }
  const thousand = () => {
    for (let round = 0; round < 1000; round++) {
      if (evaluate(policies, request).decision !== 'allow') throw new Error('the last statement allows it')
    }
  }
  thousand()
  const each = median(
    Array.from({ length: isQuick ? 3 : 9 }, () => {
      const begun = performance.now()
      thousand()
      return performance.now() - begun
    }),
  )
  report('ten policies of 50 statements, weighed', each.toFixed(0), 'µs', undefined, '< 100 µs', each < 100)
}
