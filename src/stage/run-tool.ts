// A program of the system that fetches sources: what it says is kept for the error, and it can ask nobody anything.

import { spawn } from 'node:child_process'
import { shownUrl } from '../buildcache/location.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'

export interface ToolOptions {
  cwd: string
  environ: NodeJS.ProcessEnv
  /** For messages: what it is run for. */
  shown: string
}

const keptCharacters = 8000
const shownLines = 15

/** Runs it to its end and gives its stdout. Throws SpackError `no-tool` and `checkout-failed`. */
export function runTool(name: string, words: readonly string[], { cwd, environ, shown }: ToolOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    // A session of its own has no terminal to ask for passwords on.
    const env = { ...environ, GIT_TERMINAL_PROMPT: '0', HGPLAIN: '1', LC_ALL: 'C' }
    const child = spawn(name, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    let said = ''
    child.stdout.on('data', (piece: Buffer) => {
      printed += piece.toString('utf8')
    })
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString('utf8')).slice(-keptCharacters)
    })
    child.once('error', (error) => {
      if (systemErrorCode(error) !== 'ENOENT') reject(error)
      else
        reject(
          new SpackError('no-tool', `\`${shown}\` comes from ${name}, and there is no \`${name}\``, {
            hint: `install ${name}, or use a mirror that has its sources`,
          }),
        )
    })
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(printed)
      const lines = (said || printed).trim().split('\n').slice(-shownLines)
      const end = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      reject(
        new SpackError('checkout-failed', `\`${name} ${words.map(shownUrl).join(' ')}\` for \`${shown}\` ${end}`, {
          detail: lines.map((line) => `  ${line}`).join('\n'),
          hint: 'look at the address and the network, or use a mirror that has its sources',
        }),
      )
    })
  })
}
