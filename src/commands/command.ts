// What a command is: a record of its names, flags and help, and a thin `run`.

import type { Invocation } from './invocation.ts'

export type FlagKind = 'boolean' | 'string' | 'integer' | 'list' | 'count'

export interface Flag {
  /** Long name without dashes; the key in `Arguments.flags`. */
  name: string
  /** One letter. */
  short?: string
  /** Other long names with the same meaning. */
  aliases?: readonly string[]
  /** `list` may be given several times; `count` counts how often. Default `boolean`. */
  kind?: FlagKind
  /** Name of the value in help, for instance `DIR`. */
  value?: string
  choices?: readonly string[]
  help: string
}

export interface Arguments {
  flags: Readonly<Record<string, boolean | string | number | readonly string[] | undefined>>
  positional: readonly string[]
  /** What stood after `--`. */
  rest: readonly string[]
}

/** A subcommand of which only this is known before it is called. */
export interface LazyCommand {
  name: string
  aliases?: readonly string[]
  summary: string
  load: () => Promise<Command>
}

export interface Command {
  name: string
  aliases?: readonly string[]
  /** One line, for lists of commands. */
  summary: string
  description?: string
  /** What follows the flags in the usage line, for instance `[spec ...]`. */
  positional?: string
  flags?: readonly Flag[]
  subcommands?: readonly (Command | LazyCommand)[]
  /** Flags that every subcommand has too, and that may stand in front of its name: `spack config --scope user get`. */
  sharedFlags?: readonly Flag[]
  /** Flags are not looked at: for what Spack has and we do not, which is refused whatever follows. */
  takesAnything?: boolean
  /** Returns the exit code. Commands with `subcommands` may leave it out. */
  run?: (invocation: Invocation, args: Arguments) => Promise<number> | number
}

export const flagOn = (args: Arguments, name: string): boolean => args.flags[name] === true
export const flagText = (args: Arguments, name: string): string | undefined => {
  const value = args.flags[name]
  return typeof value === 'string' ? value : undefined
}
export const flagInteger = (args: Arguments, name: string): number | undefined => {
  const value = args.flags[name]
  return typeof value === 'number' ? value : undefined
}
export const flagList = (args: Arguments, name: string): readonly string[] => {
  const value = args.flags[name]
  return Array.isArray(value) ? value : []
}
