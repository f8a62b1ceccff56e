// Writes what V8 makes of files beside them, for `cached-start.cjs`: all functions compiled, also those that are not called
// at once, because each of them costs a pass of the parser otherwise. What was practised is there already, and stays.
// Traces of the stack show the names given here.
// usage: code-cache.mjs FILE…
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import { basename } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/** Compiles CommonJS files. The flags are as they were when the cache is made, because it only holds for the same flags. */
export function writeCodeCaches(files) {
  for (const file of files) {
    if (existsSync(`${file}.cache`)) continue
    setFlagsFromString('--no-lazy')
    const script = new Script(Module.wrap(readFileSync(file, 'utf8')), { filename: basename(file) })
    setFlagsFromString('--lazy')
    writeFileSync(`${file}.cache`, script.createCachedData())
  }
}

if (basename(process.argv[1]) === basename(import.meta.url)) writeCodeCaches(process.argv.slice(2))
