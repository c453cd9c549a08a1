/** What a pattern is compiled to (`wildcard.ts`): text that stands for itself, and wildcards. */

export const anyText = 0
export const anyCharacter = 1
/** As the two above, but never over a colon: the wildcards of an ARN's first five parts. */
export const textWithinPart = 2
export const characterWithinPart = 3
export type Token = string | typeof anyText | typeof anyCharacter | typeof textWithinPart | typeof characterWithinPart
export type Pattern = readonly Token[]
