import type { Explained } from '../../answers.ts'

/** Why calls ended as they did: what was weighed, statement by statement, and what would have to change. */
export function Explanations({ explanations }: { explanations: readonly Explained[] }) {
  if (explanations.length === 0) {
    return <p class="quiet">Nothing is known of it any more: no policy was asked, or too long ago.</p>
  }
  return (
    <>
      {explanations.map(({ requestId, lines: [head = '', ...rest] }) => (
        <section key={requestId} aria-label={head}>
          <h2>{head}</h2>
          <pre>{rest.map((line) => line.replace(/^ {2}/, '')).join('\n')}</pre>
        </section>
      ))}
    </>
  )
}
