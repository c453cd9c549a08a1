import type { Migration } from './migration.ts'

/**
 * Format 5 keeps small bodies among the records; those that are segments stay segments. A version that reads format 4 would not
 * find them, nor the delete markers of buckets with versions, which lie beside the objects: format 4 had no such buckets.
 */
export const toFormat5: Migration = {
  to: 5,
  summary: 'small bodies are kept among the records from now on',
  run: () => Promise.resolve(),
}
