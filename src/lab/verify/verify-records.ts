import type { Database } from '../../store/database.ts'
import type { Report } from './report.ts'

/** Every record parses, be it of a kind that is known or not. */
export async function verifyRecords(database: Database, report: Report): Promise<void> {
  const moment = database.snapshot()
  try {
    const state = await database.stateAt(moment)
    for await (const page of state.records()) {
      report.proceed('records', report.counts.records)
      for (const [name, text] of page) {
        report.counts.records++
        if (!parses(text)) report.add('record', JSON.stringify(name), 'it is no JSON')
      }
    }
  } finally {
    await moment.close()
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
