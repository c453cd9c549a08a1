/* Of each fact of docs/evidence.md, of which kinds its sources are. */

/** The stronger first, as docs/evidence.md has them. */
const kinds = ['recorded', 'captured', 'model', 'docs', 'reports', 'peer']

/** @returns of each id the kind of its strongest source; nothing is known of what is `assumed` alone */
export function evidenceKinds(document: string): Map<string, string> {
  const rows = document.matchAll(/^\| ([a-z0-9-]+) \|.*\| ([^|]*) \|$/gm)
  return new Map([...rows].map(([, id = '', source = '']) => [id, strongestOf(source) ?? assumed]))
}

export const assumed = '**assumed**'

/** What stands on several facts is known as its weakest is. */
export function weakestOf(all: readonly string[]): string {
  return kinds.findLast((kind) => all.includes(kind)) ?? assumed
}

function strongestOf(source: string): string | undefined {
  return kinds.find((kind) => source.includes(kind))
}
