import type { KeyDetails } from '../../answers.ts'
import { moment } from '../format.ts'
import { Badge } from '../parts/notice.tsx'

/** Every material the key ever had: what was sealed under an older one still opens. */
export function TimeLine({ details: { materials, rotation, deletionDate } }: { details: KeyDetails }) {
  if (materials.length === 0) return <p class="quiet">No material: it waits for an import.</p>
  return (
    <ol class="chain">
      {materials.map(({ id, since, how, isCurrent }) => (
        <li key={id} data-how={`${how} ↓`}>
          {moment(since)} {isCurrent ? <Badge kind="good">seals</Badge> : <Badge>opens what it sealed</Badge>}
          <div class="quiet">
            material <code>{id.slice(0, 16)}…</code>
          </div>
        </li>
      ))}
      {rotation === undefined ? null : <li data-how="automatic ↓">{moment(rotation.nextDate)}, the next rotation</li>}
      {deletionDate === undefined ? null : (
        <li class="clear" data-how="deletion ↓">
          {moment(deletionDate)}: from then on nothing under it opens
        </li>
      )}
    </ol>
  )
}
