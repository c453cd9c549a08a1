import { useState } from 'preact/hooks'
import type { KeyDetails } from '../../answers.ts'
import { callKms } from '../api.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Notice } from '../parts/notice.tsx'

interface KeyActionsProps {
  details: KeyDetails
  onChanged(): void
}

/** What can be done with a key; KMS says what cannot. */
export function KeyActions({ details, onChanged }: KeyActionsProps) {
  const { keyId, region, state, rotation } = details
  const [isDeleting, setDeleting] = useState(false)
  const [error, setError] = useState<Error>()
  const call =
    (operation: string, input: object = {}) =>
    () => {
      setError(undefined)
      callKms(operation, { KeyId: keyId, ...input }, region).then(onChanged, setError)
    }
  const isPending = state.startsWith('PendingDeletion') || state === 'PendingReplicaDeletion'
  return (
    <>
      <div class="bar">
        {state === 'Disabled' ? (
          <button type="button" class="main" onClick={call('EnableKey')}>
            Enable
          </button>
        ) : (
          <button type="button" onClick={call('DisableKey')}>
            Disable
          </button>
        )}
        <button type="button" onClick={call('RotateKeyOnDemand')}>
          Rotate now
        </button>
        <button type="button" onClick={call(rotation ? 'DisableKeyRotation' : 'EnableKeyRotation')}>
          {rotation ? 'Stop yearly rotation' : 'Rotate yearly'}
        </button>
        {isPending ? (
          <button type="button" onClick={call('CancelKeyDeletion')}>
            Cancel deletion
          </button>
        ) : (
          <button type="button" class="danger" onClick={() => setDeleting(true)}>
            Schedule deletion
          </button>
        )}
      </div>
      <Notice error={error} />
      {isDeleting ? (
        <ScheduleDeletion
          details={details}
          onClose={() => {
            setDeleting(false)
            onChanged()
          }}
        />
      ) : null}
    </>
  )
}

function ScheduleDeletion({ details, onClose }: { details: KeyDetails; onClose(): void }) {
  const [days, setDays] = useState(30)
  const { keyId, region } = details
  const run = () => callKms('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: days }, region)
  return (
    <FormDialog title="Schedule deletion" action="Schedule" isDanger onClose={onClose} run={run}>
      <label class="field">
        Days to wait, 7 to 30
        <input
          type="number"
          min={7}
          max={30}
          required
          value={days}
          onInput={(event) => setDays(event.currentTarget.valueAsNumber)}
        />
      </label>
      <p class="quiet">
        From then on nothing that was sealed under it opens. The lab’s clock can be turned to that day.
      </p>
    </FormDialog>
  )
}
