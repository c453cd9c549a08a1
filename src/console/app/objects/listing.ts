import { useRef } from 'preact/hooks'
import type { ObjectPage as Answer, ObjectRow } from '../../answers.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { useLoaded } from '../loaded.ts'

/** What a bucket is asked for. */
export interface ListingQuery {
  bucket: string
  prefix: string
  delimiter: string
  versions: boolean
  after: string | undefined
}

/** A row, and how deep it lies under the folder that is shown. */
export type TreeRow = ObjectRow & { depth: number; isExpanded?: boolean; hasMore?: boolean }

interface Listed {
  page: Answer
  /** What is expanded: the first page of each folder. */
  branches: ReadonlyMap<string, Answer>
}

/** A page of a bucket's keys, with the folders that are expanded in it; loaded again when anything changes. */
export function useListing(query: ListingQuery) {
  const expanded = useRef(new Set<string>())
  const load = async (signal: AbortSignal): Promise<Listed> => {
    const prefixes = [...expanded.current].filter((prefix) => prefix.startsWith(query.prefix))
    const asked = [query, ...prefixes.map((prefix) => ({ ...query, prefix, after: undefined }))]
    const [page, ...branches] = await Promise.all(asked.map((each) => read<Answer>('objects', { ...each }, signal)))
    if (!page) throw new Error('a page was asked for')
    return { page, branches: new Map(branches.map((branch, position) => [prefixes[position] ?? '', branch])) }
  }
  const { value, error, reload } = useLoaded<Listed>(load, JSON.stringify(query))
  useChanges(reload)
  const toggle = (prefix: string) => {
    if (!expanded.current.delete(prefix)) expanded.current.add(prefix)
    reload()
  }
  const rows = value && treeOf(value.page.rows, value.branches, 0)
  return { rows, isLoaded: value !== undefined, next: value?.page.next, error, toggle, reload }
}

function treeOf(rows: readonly ObjectRow[], branches: ReadonlyMap<string, Answer>, depth: number): TreeRow[] {
  return rows.flatMap((row): TreeRow[] => {
    const branch = 'prefix' in row ? branches.get(row.prefix) : undefined
    if (!branch) return [{ ...row, depth }]
    const inner = treeOf(branch.rows, branches, depth + 1)
    return [{ ...row, depth, isExpanded: true, hasMore: branch.next !== undefined }, ...inner]
  })
}
