import { expect, test } from '@jest/globals'
import { createLog } from './log.ts'

test('No path of a request moves the cursor or forges a line of the log', async () => {
  const written: string[] = []
  const log = createLog({ level: 'info', json: false, now: () => 0, write: (text) => void written.push(text) })
  log.info('GET /\u009b31m\n\u001b[2J', { requestId: '\u007f' })
  await new Promise(setImmediate)
  expect(written.join('')).toBe('00:00:00.000 "GET /\\u009b31m\\n\\u001b[2J" requestId="\\u007f"\n')
})
