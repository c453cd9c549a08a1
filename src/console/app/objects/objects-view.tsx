import type { ViewProps } from '../view.ts'
import { BucketList } from './bucket-list.tsx'
import { BucketPage } from './bucket-page.tsx'
import { BucketSettings } from './bucket-settings.tsx'
import { ObjectPage } from './object-page.tsx'

/** `#/objects?after=…`, `#/objects/BUCKET?prefix=…`, `#/objects/BUCKET?key=…&versionId=…`, `#/objects/BUCKET/settings` */
export function ObjectsView({ segments, parameters, overview }: ViewProps) {
  const [bucket, page] = segments
  if (bucket === undefined || bucket === '') return <BucketList after={parameters.after} overview={overview} />
  if (page === 'settings') return <BucketSettings bucket={bucket} />
  const { key, versionId } = parameters
  if (key !== undefined)
    return <ObjectPage key={`${key} ${versionId}`} address={{ bucket, key, versionId }} overview={overview} />
  return <BucketPage key={bucket} bucket={bucket} parameters={parameters} overview={overview} />
}
