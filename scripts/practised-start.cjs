// Starts the program in FOLDER as `cached-start.cjs` would, and at its end keeps what V8 has compiled of each file by then.
// usage: practised-start.cjs FOLDER WORDS…
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { basename, dirname, join } = require('node:path')
const { Script } = require('node:vm')

const [folder, ...words] = process.argv.slice(2)
const compiled = []

// Cached code is taken over under the flags alone under which it was cached: the program sets none for an engine unknown to it.
Object.defineProperty(process, 'versions', { value: { ...process.versions, v8: '0' } })

const compile = Module.prototype._compile
Module.prototype._compile = function (content, filename, ...rest) {
  if (!filename.startsWith(folder)) return compile.call(this, content, filename, ...rest)
  const cache = `${filename}.cache`
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined
  const script = new Script(Module.wrap(content), { filename: basename(filename), cachedData })
  if (script.cachedDataRejected) throw new Error(`V8 refuses ${cache}`)
  compiled.push({ cache, script })
  const require = (id) => this.require(id)
  return script.runInThisContext().call(this.exports, this.exports, require, this, filename, dirname(filename))
}

process.on('exit', (code) => {
  if (code === 0) for (const { cache, script } of compiled) writeFileSync(cache, script.createCachedData())
})

process.argv = [process.execPath, join(folder, 'spack.js'), ...words]
require(join(folder, 'chunks/spack.js'))
