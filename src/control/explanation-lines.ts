import { type AnyExplanation, type ToldRuling, tellExplanation } from './told-explanation.ts'

/** An explanation as people read it, line by line; the first says what became of the call. */
export function explanationLines(explanation: AnyExplanation): string[] {
  const { title, facts, ciphertext, rulings } = tellExplanation(explanation)
  return [
    title,
    ...facts.map(([name, text]) => `  ${name.padEnd(9)}${text}`),
    ...(ciphertext.length > 0 ? ['', ...ciphertext.map((sentence) => `  ${sentence}`)] : []),
    ...rulings.flatMap(linesOfRuling),
  ]
}

function linesOfRuling({ action, resource, allowed, because, weighed, advice }: ToldRuling): string[] {
  return [
    '',
    `  ${action} on ${resource}: ${allowed ? 'allowed:' : 'refused'} ${because}`,
    ...weighed.map(({ subject, words }) => `    ${subject === undefined ? '' : `${subject}: `}${words}`),
    ...advice.map((sentence) => `    to change it: ${sentence}`),
  ]
}
