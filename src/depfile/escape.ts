// How a text is written so that GNU Make reads it back as it was. There are two layers: what make parses in a rule line
// once variables are expanded (words), and what it does to every line before (raw text). All of it was tried with
// GNU Make 4.0, 4.2.1, 4.3 and 4.4.1; `names.ts` refuses what has no spelling.

/** How paths are spelled in rule lines. */
export interface Spelling {
  target: (path: string) => string
  /** As a prerequisite, in which `%` is nothing special. */
  need: (path: string) => string
}

const asItIs: Spelling = { target: (path) => path, need: (path) => path }

/** Backslashes count only in front of a character that has a meaning; there they are doubled. */
const escaped: Spelling = {
  target: (path) => rawText(path.replace(/(\\*)([ :%])/g, '$1$1\\$2')),
  need: (path) => rawText(path.replace(/(\\*)([ :])/g, '$1$1\\$2')),
}

/** The spelling of paths below `prefix` whose other parts are plain. Looked up once: a depfile has ten thousands of them. */
export const spellingBelow = (prefix: string): Spelling => (/[ :%$#\\]/.test(prefix) ? escaped : asItIs)

/** Any text without line breaks, as the value of a variable or part of a rule line. */
export function rawText(text: string): string {
  if (!/[$#\\]/.test(text)) return text
  const escaped = text.replaceAll('$', '$$$$').replace(/(\\*)#/g, '$1$1\\#')
  // A backslash at the end would join the next line; `$()` expands to nothing.
  return escaped.endsWith('\\') ? `${escaped}$()` : escaped
}

/** One word for a POSIX shell; plain words stay as they are. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./+:@%,^-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** Whether `$(file >…)` can write this path: from 4.4 on it takes the name up to the first blank. */
export const isPlainFile = (path: string): boolean => /^[A-Za-z0-9_./+@%~:^-]*$/.test(path)
