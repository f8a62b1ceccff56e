// What an archive says about how it is built: which build system it has files of, and in which languages it is written.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expand } from '../stage/expand.ts'
import { SpackError } from '../ui/error.ts'
import { buildSystemClues, languageClues, urlClues } from './create-templates.ts'

export interface Guess {
  /** Undefined when nothing speaks for one. */
  buildSystem: string | undefined
  languages: readonly string[]
}

/** What is guessed from a URL and the names of files, each with a `/` in front. */
export function guessFrom(url: string, files: readonly string[]): Guess {
  const byDepth = [...files].sort((a, b) => a.split('/').length - b.split('/').length)
  const buildSystem =
    urlClues.find(([clue]) => clue.test(url))?.[1] ??
    byDepth.flatMap((file) => buildSystemClues.filter(([clue]) => clue.test(file))).at(0)?.[1]
  const languages = languageClues.filter(([clue]) => files.some((file) => clue.test(file)))
  return { buildSystem, languages: languages.map(([, language]) => language) }
}

/** The files of an archive, which is unpacked and thrown away; none when it cannot be, which is said. */
export async function filesOf(archive: string, url: string, say: (text: string) => void): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spack-create-'))
  try {
    const fileName = basename(new URL(url).pathname)
    const source = { expand: true, fileName } as Parameters<typeof expand>[1]
    const container = join(folder, 'sources')
    await expand(archive, source, container)
    return readdirSync(container, { recursive: true, encoding: 'utf8' }).map((name) => `/${name}`)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    say(`==> Warning: the archive cannot be looked into: ${error.message}\n`)
    return []
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
