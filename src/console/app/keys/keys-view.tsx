import type { ViewProps } from '../view.ts'
import { KeyList } from './key-list.tsx'
import { KeyPage } from './key-page.tsx'

/** `#/keys?find=…&after=…`, `#/keys/REGION/KEY-ID` */
export function KeysView({ segments, parameters, overview }: ViewProps) {
  const [region, keyId] = segments
  if (region !== undefined && keyId !== undefined) return <KeyPage key={keyId} region={region} keyId={keyId} />
  return <KeyList key={parameters.find} parameters={parameters} overview={overview} />
}
