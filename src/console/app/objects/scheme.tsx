import type { VersionRow } from '../../answers.ts'
import { Badge } from '../parts/notice.tsx'

/** How an object is sealed, in one word. */
export function Scheme({ row: { scheme } }: { row: Pick<VersionRow, 'scheme'> }) {
  return scheme === 'none' ? <Badge kind="warn">in clear</Badge> : <Badge kind="good">{scheme}</Badge>
}
