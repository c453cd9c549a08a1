import { expect, test } from '@jest/globals'
import { Argument, Command } from 'commander'
import { candidatesFor, linesOf } from './completion.ts'
import { commandOptions } from './options.ts'

const program = new Command('s3kms-emu').enablePositionalOptions()
const start = program.command('start').description('run')
for (const option of commandOptions()) start.addOption(option)
const exec = program.command('exec').argument('<command...>').passThroughOptions()
for (const option of commandOptions()) exec.addOption(option)
program.command('completion').addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh']))
program.command('complete', { hidden: true })
const clock = program.command('clock').description('the clock')
clock.command('advance').description('turn it').argument('<time>')

function values(...words: string[]): string[] {
  return candidatesFor(program, words).map(({ value }) => value)
}

test('Commands are completed, and commands of two words', () => {
  expect(values('')).toEqual(['start', 'exec', 'completion', 'clock', 'help'])
  expect(values('c')).toEqual(['completion', 'clock'])
  expect(values('clock', 'a')).toEqual(['advance'])
  expect(values('clock', 'advance', '')).toEqual([])
  expect(values('no-such-command', '')).toEqual([])
})

test('Options are completed by their long names, with what they do', () => {
  expect(values('start', '--aut')).toEqual(['--auth'])
  expect(values('start', '--port', '0', '--ephem')).toEqual(['--ephemeral'])
  expect(linesOf(candidatesFor(program, ['clock', '--h']))).toMatch(/^--help\t.+\n$/)
})

test('Of an option with a list of words they are completed, of another nothing is known', () => {
  expect(values('start', '--auth', '')).toEqual(['permissive', 'strict'])
  expect(values('exec', '--bucket-defaults', '2')).toEqual(['2023'])
  expect(values('start', '--data-dir', '')).toEqual([])
  expect(values('start', '--auth', 'strict', '--log-level', 'd')).toEqual(['debug'])
})

test('Words of an argument are completed, and nothing of another program’s command line', () => {
  expect(values('completion', '')).toEqual(['bash', 'zsh'])
  expect(values('exec', '--', 'npm', '--')).toEqual([])
})
