interface PagesProps {
  /** Whether this is a page behind the first. */
  isBehind: boolean
  /** The address of the first page. */
  first: string
  /** The address of the page behind this one; undefined: there is none. */
  next: string | undefined
  /** What the pages are of: `keys`. */
  of: string
}

/** The way from page to page, each with an address of its own; the browser’s own way back leads to the one before. */
export function Pages({ isBehind, first, next, of }: PagesProps) {
  if (!isBehind && next === undefined) return null
  return (
    <nav class="bar" aria-label={`Pages of ${of}`}>
      {isBehind ? (
        <a class="button" href={first}>
          First {of}
        </a>
      ) : null}
      {next === undefined ? (
        <span class="quiet">These are the last.</span>
      ) : (
        <a class="button" href={next}>
          More {of}
        </a>
      )}
    </nav>
  )
}
