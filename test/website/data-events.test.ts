import { expect, test } from '@jest/globals'
import type { TrailRecord } from '../../src/trail/event.ts'
import { startJourney } from '../emulator.ts'
import { openWebsite, upload, visit } from './visitor.ts'

test('visits are data events of their bucket, as reads of nobody', async () => {
  const journey = await startJourney({ trailDataEvents: true })
  try {
    await openWebsite(journey, 'site', { IndexDocument: { Suffix: 'index.html' } })
    await upload(journey, 'site', 'docs/index.html', '<h1>Docs</h1>')
    const host = 'site.s3-website.localhost'
    await visit(journey, host, '/docs/')
    await visit(journey, host, '/docs/', { method: 'HEAD' })
    await visit(journey, host, '/docs')
    await visit(journey, host, '/none')
    await visit(journey, 'nowhere.s3-website.localhost', '/')
    const answer = await fetch(`${journey.endpoint}/_s3kms/trail?limit=1000`)
    const { records } = (await answer.json()) as { records: TrailRecord[] }
    const visits = records.filter(({ userIdentity }) => userIdentity.accountId === 'ANONYMOUS_PRINCIPAL').reverse()
    expect(
      visits.map(({ eventName, requestParameters, additionalEventData, errorCode }) => [
        eventName,
        requestParameters?.key,
        additionalEventData?.httpStatusCode,
        errorCode,
      ]),
    ).toEqual([
      ['GetObject', 'docs/index.html', 200, undefined],
      ['HeadObject', 'docs/index.html', 200, undefined],
      ['GetObject', 'docs', 302, undefined],
      ['GetObject', 'none', 403, 'AccessDenied'],
    ])
    expect(visits[0]).toMatchObject({
      requestParameters: { bucketName: 'site', Host: expect.stringContaining(host) },
      additionalEventData: { bytesTransferredOut: '<h1>Docs</h1>'.length },
      managementEvent: false,
    })
  } finally {
    await journey.stop()
  }
})
