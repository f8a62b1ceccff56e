// Stands at the top of the programs in dist. Compiling takes longer than running for a program that lives a tenth of a second, so
// the build compiles, and V8 takes over the result (FILE.cache) if version and flags are the same; else it compiles here.
const { dirname } = require('node:path')
const { closeSync, fstatSync, openSync, readFileSync, readSync } = require('node:fs')
const Module = require('node:module')
const { Script } = require('node:vm')

const load = Module._extensions['.js']
Module._extensions['.js'] = (module, filename) => {
  const cachedData = readCache(filename)
  if (!cachedData) return load(module, filename)
  const script = new Script(readWrapped(filename), { filename, cachedData })
  const require = (id) => module.require(id)
  script.runInThisContext().call(module.exports, module.exports, require, module, filename, dirname(filename))
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

/** A file, which the build made all ASCII, as the function that Node calls: V8 would have to copy what is put together of texts. */
function readWrapped(filename) {
  const [head, tail] = Module.wrapper
  const file = openSync(filename)
  try {
    const { size } = fstatSync(file)
    const code = Buffer.allocUnsafe(head.length + size + tail.length)
    code.write(head, 0, 'latin1')
    readSync(file, code, head.length, size)
    code.write(tail, head.length + size, 'latin1')
    return code.toString('latin1')
  } finally {
    closeSync(file)
  }
}
