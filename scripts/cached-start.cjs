// Stands at the top of the programs in dist. Compiling takes longer than running for a program that lives a tenth of a second, so
// the build compiles, and V8 takes over the result (FILE.cache) if version and flags are the same; else it compiles here.
const { dirname } = require('node:path')
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { Script } = require('node:vm')

const compile = Module.prototype._compile
Module.prototype._compile = function (content, filename, ...rest) {
  const cachedData = readCache(filename)
  if (!cachedData) return compile.call(this, content, filename, ...rest)
  const script = new Script(Module.wrap(content), { filename, cachedData })
  const require = (id) => this.require(id)
  return script.runInThisContext().call(this.exports, this.exports, require, this, filename, dirname(filename))
}

function readCache(filename) {
  if (!filename.startsWith(__dirname)) return undefined
  try {
    return readFileSync(`${filename}.cache`)
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
