import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { equalSpecs } from '../../src/spec/compare.ts'
import { type ParseOptions, parseSpec, parseSpecArguments, parseSpecs } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import { emptySpec } from '../../src/spec/spec.ts'
import { SpackError } from '../../src/ui/error.ts'
import { seeded } from './generate.ts'
import { mutate, randomSpecText } from './generate-spec.ts'

/** What is said about a text that is no spec, as a user reads it. */
function complaint(text: string, options?: ParseOptions): string {
  try {
    parseSpec(text, options)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    return [error.message, error.detail, error.hint].filter(Boolean).join('\n')
  }
  return 'none'
}

test('the canonical text sorts what has no order and quotes what needs it', () => {
  const text = ` hdf5 @1.12:  k='a b' +mpi ~cxx target=zen2 cflags="-O2 -g"^zlib%gcc@12 ^openmpi /abc `
  assert.is(
    printSpec(parseSpec(text)),
    "hdf5@1.12: cflags='-O2 -g' ~cxx+mpi k='a b' target=zen2 ^openmpi/abc ^zlib %gcc@12",
  )
})

test('a fault is shown in its line with a mark and with what to write instead', () => {
  const at =
    'unexpected `@`\nhdf5@1.12 +mpi ^zlib@\n                    ^\na version follows, as in `@1.2`, `@1.2:1.4` or `@=1.2`'
  assert.is(complaint('hdf5@1.12 +mpi ^zlib@'), at)
  assert.is(complaint('a b@1'), 'expected a single spec, but another one starts here\na b@1\n  ^')
  assert.match(complaint('a k= v'), /^unexpected `=`\na k= v\n {3}\^\na value follows its name without blanks/)
  assert.is(complaint('a foo="x y'), 'the quote is not closed\na foo="x y\n      ^\nend the value with "')
})

test('the mark is below the whole of what contradicts something', () => {
  assert.is(
    complaint('a@1.2 ^b@1 ^b@2'),
    'no version of `b` is in both `@1` and `@2`\na@1.2 ^b@1 ^b@2\n           ^^^^',
  )
  assert.is(
    complaint('a+foo foo=bar'),
    'variant `foo` is given twice\na+foo foo=bar\n      ^^^^^^^\nlist several values of a variant as `name=a,b`',
  )
  assert.is(
    complaint('a@1.4:1.2'),
    'version range `1.4:1.2` is empty\na@1.4:1.2\n ^^^^^^^^\nwrite the lower version first',
  )
})

test('only the line of a fault is shown, and of a long one only a part', () => {
  assert.match(complaint('a\n+x !\n+y'), /^unexpected `!`\n\+x !\n {3}\^\n/)
  const many = (letter: string) => Array.from({ length: 200 }, (_, index) => ` +${letter}${index}`).join('')
  const [, line, mark] = complaint(`${many('x')} !${many('y')}`).split('\n')
  assert.ok(line!.length <= 102 && line!.startsWith('…') && line!.endsWith('…'))
  assert.is(line![mark!.indexOf('^')], '!')
})

test('edges have attributes of three kinds', () => {
  assert.match(complaint('a ^[virtual=mpi] b'), /this is no attribute of an edge\n.*\n {4}\^{11}\n.*`deptypes=`/)
  assert.match(
    complaint('a ^[deptypes=all] b'),
    /`all` is not a deptype\n.*\n.*\ndeptypes are build, link, run and test/,
  )
  assert.match(complaint('a ^[virtuals=mpi b'), /expected `\]` or an attribute of the edge/)
  assert.match(complaint("a ^[when='+'] b"), /unexpected `\+`\na \^\[when='\+'\] b\n {4}\^{8}\n/)
})

test('a dependency that is mentioned twice is one, unless it builds here and is linked there', () => {
  assert.is(printSpec(parseSpec('a ^b@1: ^mpi=b@:2+x')), 'a ^mpi=b@1:2+x')
  assert.is(
    printSpec(parseSpec('a ^[deptypes=build] b@1 ^[deptypes=link] b@2')),
    'a ^[deptypes=link] b@2 ^[deptypes=build] b@1',
  )
  assert.match(complaint('a ^[deptypes=build,link] b ^[deptypes=run] b'), /deptypes of two dependencies on `b` overlap/)
})

test('aliases of the host need to know the host', () => {
  const host = { platform: 'linux', os: 'debian12', target: 'zen3' }
  assert.is(printSpec(parseSpec('a os=fe target=default_target', { host })), 'a platform=linux os=debian12 target=zen3')
  assert.match(complaint('a platform=darwin os=fe', { host }), /`fe` stands for what the host has/)
  assert.match(complaint('a os=fe'), /which is not known here/)
})

test('words of a command line keep what the shell left of their quotes', () => {
  const printed = parseSpecArguments(['a', 'cflags=-O2 -g', 'b', "v=it's", '-x']).map(printSpec)
  assert.equal(printed, ["a cflags='-O2 -g'", 'b~x v="it\'s"'])
})

test('toolchains are direct dependencies, for some specs or for all', () => {
  const toolchains = {
    mix: [{ spec: '%c=clang@16', when: '+x' }, { spec: '%fortran=gcc cflags=-g' }],
    outer: '%inner %cmake',
    inner: '%gcc@12',
    loop: '%loop',
    far: '%gcc ^mpich',
  }
  const print = (text: string) => printSpec(parseSpec(text, { toolchains }))
  assert.is(print('a %mix'), "a %fortran=gcc cflags=-g %[when='+x'] c=clang@16")
  assert.is(
    print('a %%mix ^b %mix'),
    "a %%fortran=gcc cflags=-g %%[when='+x'] c=clang@16 ^b %fortran=gcc cflags=-g %[when='+x'] c=clang@16",
  )
  assert.is(print('a %outer'), 'a %cmake %gcc@12')
  assert.is(print('a ^mix'), 'a ^mix')
  assert.match(complaint('a %loop', { toolchains }), /toolchain `loop` stands for itself\na %loop\n {3}\^{4}/)
  assert.match(complaint('a %far', { toolchains }), /`far` has `\^` in `%gcc \^mpich`/)
  assert.match(complaint('a %gcc@11 %inner', { toolchains }), /a %gcc@11 %inner\n {11}\^{5}/)
})

test('a toolchain is read once and belongs to no spec', () => {
  const toolchains = { tc: '%gcc@12:' }
  const [a, b] = parseSpecs('a %tc %gcc@:12 b %tc', { toolchains })
  assert.is(printSpec(a!), 'a %gcc@12')
  assert.is(printSpec(b!), 'b %gcc@12:')
})

test('a file stands for a spec where it can be read', () => {
  const options: ParseOptions = { readSpecFile: (path) => ({ ...emptySpec(), name: path.replace(/\W/g, '-') }) }
  assert.is(printSpec(parseSpec('a ^./b/c.json', options)), 'a ^--b-c-json')
  assert.is(complaint('./b.json'), 'a file cannot stand for a spec here\n./b.json\n^^^^^^^^')
})

test('parsing the canonical text gives the same spec', () => {
  const random = seeded(11)
  let accepted = 0
  for (let i = 0; i < 4000; i++) {
    const text = randomSpecText(random)
    const spec = tryParse(text)
    if (!spec) continue
    accepted++
    const again = parseSpec(printSpec(spec))
    assert.is(printSpec(again), printSpec(spec), text)
    assert.ok(equalSpecs(again, spec), `${text} → ${printSpec(spec)}`)
  }
  assert.ok(accepted > 2000)
})

test('what the text of a spec cannot say is known', () => {
  const isKept = (text: string) => equalSpecs(parseSpec(printSpec(parseSpec(text))), parseSpec(text))
  const kept = ['a/abc', 'a+x/abc', '/abc', '^*+x', 'a ^/abc', '@1 namespace=x']
  assert.equal(
    kept.filter((text) => !isKept(text)),
    [],
  )
  // The namespace of a named node is not printed, and a hash behind a value becomes part of it.
  const lost = ['ns.a', 'a v=w /abc']
  assert.equal(lost.filter(isKept), [])
})

test('whatever the text, there is a spec or an explanation', () => {
  const random = seeded(12)
  for (let i = 0; i < 6000; i++) {
    const text = mutate(random, randomSpecText(random))
    for (const parse of [parseSpec, parseSpecs]) {
      try {
        parse(text)
      } catch (error) {
        assert.instance(error, SpackError, `${text}: ${error}`)
        assert.ok((error as SpackError).detail, text)
      }
    }
  }
})

function tryParse(text: string): ReturnType<typeof parseSpec> | undefined {
  try {
    return parseSpec(text)
  } catch (error) {
    if (error instanceof SpackError) return undefined
    throw error
  }
}

test.run()
