// Scripts whose first line is too long for the kernel. They get a line in front that runs them through `sbang`, a small
// script at the root of the store (../sbang.ts), which reads the second line. As Spack does after each install.

/** The kernel reads so much of a first line (BINPRM_BUF_SIZE was 128 up to Linux 5.0, with its zero). */
const longestLineBytes = 127
/** Lines beyond this are left alone: it is doubtful that they are meant for the kernel. */
export const longestFirstLineBytes = 4096
const newline = 0x0a

/** How the old first line is kept where `#` begins no comment, by the interpreter's name. */
const secondLines: readonly { ends: RegExp; rewrite: (line: string) => string }[] = [
  { ends: /\/lua(jit)?$/, rewrite: (line) => `--!${line.slice(2)}` },
  { ends: /\/node$/, rewrite: (line) => `//!${line.slice(2)}` },
  { ends: /\/php$/, rewrite: (line) => `<?php ${line} ?>` },
]

/** The first line of `script` with its newline, when it is for the kernel and longer than the kernel reads. */
function longFirstLine(script: Buffer): string | undefined {
  if (script[0] !== 0x23 || script[1] !== 0x21) return undefined
  const head = script.subarray(0, longestFirstLineBytes)
  const end = head.indexOf(newline)
  if (end < 0 && script.length >= longestFirstLineBytes) return undefined
  const line = head.subarray(0, end < 0 ? undefined : end + 1)
  return line.length > longestLineBytes ? line.toString('latin1') : undefined
}

const callOf = (sbang: string): string => `#!/bin/sh ${sbang}\n`

/** Whether the line that calls `sbang` is itself too long. */
export const isTooLong = (sbang: string): boolean => Buffer.byteLength(callOf(sbang)) > longestLineBytes

/** `script`, or its first 4 KiB, with a first line that calls `sbang`, or undefined when it needs none. */
export function throughSbang(script: Buffer, sbang: string): Buffer | undefined {
  const line = longFirstLine(script)
  const interpreter = line && /^#![ \t]*([^ \t\0\n]+)/.exec(line)?.[1]
  if (!line || !interpreter) return undefined
  const call = callOf(sbang)
  if (line === call) return undefined
  const kept = secondLines.find(({ ends }) => ends.test(interpreter))?.rewrite(line) ?? line
  return Buffer.concat([Buffer.from(call), Buffer.from(kept, 'latin1'), script.subarray(line.length)])
}
