// Git, for repositories of recipes. It can ask nobody for passwords.

import { spawn } from 'node:child_process'
import { SpackError, systemErrorCode } from '../ui/error.ts'

export interface Git {
  /** Runs git in a folder and gives its stdout. Throws SpackError `git`, and `no-git` where there is none. */
  run: (folder: string, words: readonly string[]) => Promise<string>
  /** As `run`; undefined when git says no. */
  attempt: (folder: string, words: readonly string[]) => Promise<string | undefined>
}

const keptCharacters = 4000

export function openGit(environ: NodeJS.ProcessEnv): Git {
  const run: Git['run'] = (folder, words) => runGit(environ, folder, words)
  const attempt: Git['attempt'] = async (folder, words) => {
    try {
      return await run(folder, words)
    } catch (error) {
      if (error instanceof SpackError && error.code === 'git') return undefined
      throw error
    }
  }
  return { run, attempt }
}

function runGit(environ: NodeJS.ProcessEnv, folder: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...environ, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
    const child = spawn('git', words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const printed: Buffer[] = []
    let said = ''
    child.stdout.on('data', (piece: Buffer) => printed.push(piece))
    child.stderr.on('data', (piece: Buffer) => {
      said = `${said}${piece}`.slice(-keptCharacters)
    })
    child.once('error', (error) => reject(systemErrorCode(error) === 'ENOENT' ? noGit(error) : error))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(printed).toString('utf8'))
      const end = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      const lines = said.trim().split('\n').slice(-10)
      reject(
        new SpackError('git', `\`git ${withoutPasswords(words.join(' '))}\` in \`${folder}\` ${end}`, {
          detail: withoutPasswords(lines.map((line) => `  ${line}`).join('\n')),
        }),
      )
    })
  })
}

const noGit = (cause: Error): SpackError =>
  new SpackError('no-git', 'repositories of recipes are cloned by git, and there is no `git`', {
    hint: 'install git, or configure the path of a repository that is there: `spack repo add PATH`',
    cause,
  })

/** Addresses without the names and passwords in them. */
export const withoutPasswords = (text: string): string => text.replace(/(\w+:\/\/)[^\s/@]*@/g, '$1')
