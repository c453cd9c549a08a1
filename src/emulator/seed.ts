import { applyFixtures } from '../fixtures/apply.ts'
import { readFixtures } from '../fixtures/document.ts'
import type { Services } from '../services.ts'

/**
 * Makes what fixtures declare and is not there, in an emulator that runs.
 * @param document what a fixture file says; files that it names lie in the working folder
 * @returns one line for each: made, or left
 * @throws FixtureFault naming the place in the document
 */
export async function seed(document: unknown, { inProcess }: Services): Promise<string[]> {
  return applyFixtures({ name: 'fixtures', folder: '.' }, readFixtures(document), inProcess)
}
