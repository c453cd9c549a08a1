/*
 * Where the statements of a policy stand in its text, as the simulator tells: line and column from 1.
 *
 *   {"Version":"2012-10-17","Statement":{"Effect":…}}        one statement: from behind its brace to behind its last one
 *                                        ▲38         ▲167
 *   "Statement": [ {…}, {…} ]                                a list: from behind the bracket, or the comma, before it
 *
 * Source: the two examples of the AWS CLI's documentation (simulate-custom-policy, simulate-principal-policy); of the second statement of
 * a list nothing is known.
 */

export interface TextPosition {
  Line: number
  Column: number
}

export interface StatementPosition {
  StartPosition: TextPosition
  EndPosition: TextPosition
}

/** @param document a policy, as JSON. @returns one position for each statement, in their order */
export function statementPositions(document: string): StatementPosition[] {
  const positionAt = positionsIn(document)
  return statementRanges(document).map(([start, end]) => ({
    StartPosition: positionAt(start),
    EndPosition: positionAt(end),
  }))
}

type Range = [start: number, end: number]

/** A token of JSON that matters here, or a string as a whole. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs

function statementRanges(document: string): Range[] {
  const ranges: Range[] = []
  let depth = 0
  let key = ''
  let inStatements = false
  let base = 0
  let start = 0
  for (const { 0: token, index } of document.matchAll(tokens)) {
    const behind = index + token.length
    if (token === '{' || token === '[') {
      if (depth === 1 && key === 'Statement') {
        inStatements = true
        base = token === '{' ? 1 : 2
        start = behind
      }
      depth++
    } else if (token === '}' || token === ']') {
      depth--
      if (inStatements && depth === base && token === '}') ranges.push([start, behind])
      if (depth === 1) inStatements = false
    } else if (token === ',') {
      if (inStatements && depth === base) start = behind
    } else if (depth === 1 && token !== ':') key = keyOf(token, document, behind) ?? key
  }
  return ranges
}

/** The name of a member, where a colon follows the string. */
function keyOf(token: string, document: string, behind: number): string | undefined {
  return /^\s*:/.test(document.slice(behind, behind + 100)) ? JSON.parse(token) : undefined
}

function positionsIn(text: string): (offset: number) => TextPosition {
  const lines = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
  return (offset) => {
    let [low, high] = [0, lines.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((lines[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { Line: low + 1, Column: offset - (lines[low] ?? 0) + 1 }
  }
}
