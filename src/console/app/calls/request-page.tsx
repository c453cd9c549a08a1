import type { ToldExplanation } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { read } from '../api.ts'
import { useLoaded } from '../loaded.ts'
import { Notice } from '../parts/notice.tsx'
import { Explanations } from './explanations.tsx'

/** A request of S3 with the calls of KMS that it took, as one. */
export function RequestPage({ request }: { request: string }) {
  const found = useLoaded<ToldExplanation[]>((signal) => read('explanations', { request }, signal), request)
  return (
    <>
      <div class="bar">
        <h1>
          <a href={addressOf(['calls'])}>Calls</a> / request <code>{request}</code>
        </h1>
      </div>
      <Notice error={found.error} />
      {found.value ? <Explanations explanations={found.value} /> : null}
    </>
  )
}
