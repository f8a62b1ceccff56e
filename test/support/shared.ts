// Where the conformance kit and the source mirror are: `../shared` beside the checkout, unless SPACKMAKE_SHARED names
// another folder. Tests that need it are skipped, saying so, where it is absent.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.SPACKMAKE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))

/** The folder with `conformance` and `mirror`, or undefined. */
export const shared: string | undefined = existsSync(join(folder, 'conformance')) ? folder : undefined

/** A path below the conformance kit. Only to be called when `shared` is there. */
export const kit = (...parts: string[]): string => join(folder, 'conformance', ...parts)

interface TestLike<Callback> {
  (name: string, callback: Callback): void
  skip: (name?: string, callback?: Callback) => void
}

/** Registers a test that needs the kit; without it the test is skipped and the reason printed. */
export function withKit<Callback>(test: TestLike<Callback>, name: string, callback: Callback): void {
  if (shared) {
    test(name, callback)
    return
  }
  console.log(`skipped, no conformance kit beside the checkout: ${name}`)
  test.skip(name, callback)
}
