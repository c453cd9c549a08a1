import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import type { JsonCall } from '../protocol/aws-json.ts'
import { callInProcess } from '../protocol/http.ts'
import { Database, StoreClosed } from '../store/database.ts'
import { openTrail } from '../trail/trail.ts'
import type { CloudTrailOptions } from './cloudtrail.ts'
import { Trails } from './trails.ts'

test('Trails that could not be read once are read the next time they are asked for', async () => {
  const ambient = new TurnableAmbient(Date.UTC(2026, 10, 30))
  const [closed, database] = [await Database.open({}), await Database.open({})]
  await closed.close()
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const options: Partial<CloudTrailOptions> = { database: closed, ambient, trail, permit: () => undefined }
  const trails = new Trails(options as CloudTrailOptions)
  const caller = userCaller('000000000000', 'test', 'test')
  const payload = { coding: 'unsigned' as const }
  const authentication = {
    caller,
    region: 'us-east-1',
    signature: 'SigV4' as const,
    method: 'AuthHeader' as const,
    payload,
  }
  const call: JsonCall = { http: callInProcess({}), authentication, requestId: 'one' }
  const list = () => trails.invoke('ListTrails', {}, call)
  await expect(list()).rejects.toThrow(StoreClosed)
  options.database = database
  expect(await list()).toEqual({ Trails: [] })
})
