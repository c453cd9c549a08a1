import { useCallback } from 'preact/hooks'
import type { Change, ObjectCalls, ObjectDetails } from '../../answers.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { useLoaded } from '../loaded.ts'

/** The newest calls of the object's key that were made for this object, or for its bucket where a bucket key serves; none without a key. */
export function useCallsAbout({ keyArn, envelope }: ObjectDetails): ObjectCalls & { error?: Error } {
  const arn = envelope.encryptionContext?.['aws:s3:arn'] ?? ''
  const load = async (signal: AbortSignal) =>
    keyArn === undefined ? none : read<ObjectCalls>('object-calls', { key: keyArn, arn }, signal)
  const { value = none, error, reload } = useLoaded<ObjectCalls>(load, `${keyArn} ${arn}`)
  useChanges(
    useCallback(
      ({ calls, isMore }: Change) => {
        const isAbout = calls.some(({ resources }) => keyArn !== undefined && resources.includes(keyArn))
        if (isMore || isAbout) reload()
      },
      [keyArn, reload],
    ),
  )
  return { ...value, error }
}

const none: ObjectCalls = { calls: [], seen: 0 }
