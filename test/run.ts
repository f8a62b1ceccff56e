// Runs every `*.test.ts` below test/, one process a file, as many at once as there are cores, and closes with the sum.
// Arguments are parts of paths: `npm test -- spec/version store` runs the files whose path contains one of them.

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Outcome {
  passed: number
  failed: number
  skipped: number
  output: string
}

const root = fileURLToPath(new URL('..', import.meta.url))
const fileTimeoutMs = 280_000

function testFiles(wanted: readonly string[]): string[] {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  const files = all.filter((name) => name.endsWith('.test.ts')).sort()
  return wanted.length ? files.filter((name) => wanted.some((part) => name.includes(part))) : files
}

const count = (output: string, label: string): number => {
  const matches = [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))]
  return matches.reduce((sum, match) => sum + Number(match[1]), 0)
}

/** A test sees a home of its own and none of the user's Spack settings. */
function testEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^SPACK(?!MAKE_)/.test(name) && name !== 'NODE_EXTRA_CA_CERTS',
  )
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_DATA_HOME: '',
    XDG_CACHE_HOME: '',
    MAKEFLAGS: '',
    // No test clones anything from elsewhere.
    GIT_ALLOW_PROTOCOL: 'file',
    FORCE_COLOR: '0',
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
  }
}

function runFile(name: string): Promise<Outcome> {
  const home = mkdtempSync(join(tmpdir(), 'spackmake-home-'))
  return new Promise((resolve) => {
    const options = { cwd: root, env: testEnvironment(home), timeout: fileTimeoutMs, maxBuffer: 64 << 20 }
    execFile(process.execPath, ['--import', 'tsx', join('test', name)], options, (error, stdout, stderr) => {
      rmSync(home, { recursive: true, force: true })
      const output = stdout + stderr
      const [total, passed, skipped] = [count(output, 'Total'), count(output, 'Passed'), count(output, 'Skipped')]
      // A file that died, or that ran nothing, has failed although no single test did.
      const failed = Math.max(total - passed, error ? 1 : 0, total + skipped === 0 ? 1 : 0)
      resolve({ passed, failed, skipped, output })
    })
  })
}

async function main(): Promise<void> {
  const files = testFiles(process.argv.slice(2))
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const queue = [...files]
  const worker = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      const startMs = Date.now()
      const outcome = await runFile(name)
      sum.passed += outcome.passed
      sum.failed += outcome.failed
      sum.skipped += outcome.skipped
      const seconds = ((Date.now() - startMs) / 1000).toFixed(1)
      console.log(
        `${outcome.failed ? 'FAIL' : 'ok  '} ${name}  ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped (${seconds} s)`,
      )
      if (outcome.failed) console.log(outcome.output)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker))
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`)
  process.exitCode = sum.failed || sum.passed === 0 ? 1 : 0
}

await main()
