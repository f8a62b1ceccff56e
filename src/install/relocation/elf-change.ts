// A string of an ELF file and what it becomes.

import type { Patch } from './byte-source.ts'
import type { ElfString } from './elf-file.ts'
import type { Range } from './strings.ts'

export interface StringChange {
  string: ElfString
  text: Buffer
}

/** Whether the new text can take the place of the old. */
export const fits = ({ string, text }: StringChange): boolean => text.length <= string.text.length

/** The new text, then zeros up to the end of the old one. */
export const patchInPlace = ({ string, text }: StringChange): Patch => ({
  offset: string.offset,
  bytes: Buffer.concat([text], string.text.length),
})

/** Where the new text will stand. */
export const rangeInPlace = ({ string, text }: StringChange): Range => ({
  start: string.offset,
  end: string.offset + text.length,
})
