// env/load-errors: manifests and lockfiles that are refused, or accepted, when they are loaded (`load-errors.json`).

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { environmentAt, environmentScope } from '../../src/environment/environment.ts'
import { loadEnvironment } from '../../src/environment/manifest.ts'
import { printSpec } from '../../src/spec/print.ts'
import { SpackError } from '../../src/ui/error.ts'
import { isolated } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import type { Tally } from './tally.ts'

interface Case {
  case: string
  files: Record<string, string>
  accepted: boolean
  names_line?: string
  mentions?: string
  roots?: string[]
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const cases = JSON.parse(readFileSync(join(folder, 'env/load-errors.json'), 'utf8')) as Case[]
  for (const one of cases) {
    const { accepted, roots, names_line, mentions } = one
    const expected = accepted ? { accepted, roots } : { accepted, line: names_line, mentions }
    await tally.checkAsync(one.case, expected, async () => {
      try {
        return { accepted: true, roots: await load(one.files) }
      } catch (error) {
        if (!(error instanceof SpackError)) throw error
        return { accepted: false, ...whatIsNamed(error, one) }
      }
    })
  }
}

async function load(files: Record<string, string>): Promise<string[]> {
  const dir = scratch()
  for (const [name, text] of Object.entries(files)) {
    const file = join(dir, 'environment', name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const environ = isolated(dir)
  const environment = environmentAt(join(dir, 'environment'), join(dir, 'named'))
  const configuration = await loadConfiguration({
    environ,
    cwd: dir,
    environmentScopes: [environmentScope(environment)],
    environmentDir: environment.dir,
  })
  const loaded = await loadEnvironment(environment, configuration, { environ, cwd: dir })
  return loaded.userSpecs.map(({ spec }) => printSpec(spec))
}

/** Which of the things that the case asks for an error has: the line, or one of that file that has the word, and the word. */
function whatIsNamed(error: SpackError, { names_line, mentions, files }: Case) {
  const text = [error.where, error.message, error.detail, error.hint].join('\n')
  const [, file, line] = /([^/]+):(\d+)/.exec(error.where ?? '') ?? []
  const namesWord = mentions && file && (files[file] ?? '').split('\n')[Number(line) - 1]?.includes(mentions)
  return {
    line: names_line && (text.includes(`/${names_line}`) || namesWord ? names_line : (error.where ?? 'no line')),
    mentions: mentions && (text.includes(mentions) ? mentions : error.message),
  }
}
