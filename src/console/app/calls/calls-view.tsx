import type { ViewProps } from '../view.ts'
import { CallList } from './call-list.tsx'
import { CallPage } from './call-page.tsx'
import { RequestPage } from './request-page.tsx'

/** `#/calls?name=…&key=…`, `#/calls/REGION/EVENT-ID`, `#/calls?request=REQUEST-ID` */
export function CallsView({ segments, parameters, overview }: ViewProps) {
  const [region, id] = segments
  if (region !== undefined && id !== undefined) return <CallPage region={region} id={id} />
  if (parameters.request !== undefined) return <RequestPage request={parameters.request} />
  return <CallList parameters={parameters} overview={overview} />
}
