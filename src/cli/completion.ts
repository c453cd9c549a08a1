import type { Command, Option } from 'commander'
import { optionTable } from '../options.ts'

/*
 * Completion of the command line. What a shell reads (`completion-scripts.ts`) hands the words that are typed to the program itself:
 *
 *   s3kms-emu start --auth st<TAB>
 *     shell    ──▶  s3kms-emu complete -- start --auth st
 *     program  ──▶  strict⇥          a line each: what may stand there, a tab, what it means
 */

/** What may stand in a place. */
export interface Candidate {
  value: string
  description: string
}

/**
 * @param words as they are typed behind the program's name; the last one, perhaps empty, is to be completed
 * @returns what begins so; nothing where the program knows no words for the place, such as the name of a file
 */
export function candidatesFor(program: Command, words: readonly string[]): Candidate[] {
  const typed = words.at(-1) ?? ''
  return placed(program, words.slice(0, -1), typed).filter(({ value }) => value.startsWith(typed))
}

function placed(program: Command, before: readonly string[], typed: string): Candidate[] {
  let command = program
  let given = 0
  let awaited: Option | undefined
  for (const word of before) {
    // What is behind it belongs to another program.
    if (word === '--') return []
    const option = awaited === undefined ? optionOf(command, word) : undefined
    const inner = command.commands.find((candidate) => candidate.name() === word)
    if (awaited === undefined && option === undefined) {
      if (inner) [command, given] = [inner, 0]
      else if (!word.startsWith('-')) given++
    }
    awaited = option && takesValue(option) ? option : undefined
  }
  if (awaited) return wordsOf(awaited)
  if (typed.startsWith('-')) return optionsOf(command)
  const choices = command.registeredArguments[given]?.argChoices ?? []
  return [...(given === 0 ? commandsOf(command) : []), ...choices.map((value) => ({ value, description: '' }))]
}

function optionOf(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => word === long || word === short)
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}

function wordsOf({ flags }: Option): Candidate[] {
  const { words = [] } = optionTable.find((row) => row.flags === flags) ?? {}
  return words.map((value) => ({ value, description: '' }))
}

function optionsOf(command: Command): Candidate[] {
  const shown = command.createHelp().visibleOptions(command)
  return shown.flatMap(({ long, description }) => (long ? [{ value: long, description }] : []))
}

function commandsOf(command: Command): Candidate[] {
  const shown = command.createHelp().visibleCommands(command)
  return shown.map((inner) => ({ value: inner.name(), description: inner.description() }))
}

/** The lines that a shell reads. */
export function linesOf(candidates: readonly Candidate[]): string {
  return candidates.map(({ value, description }) => `${value}\t${description}\n`).join('')
}
