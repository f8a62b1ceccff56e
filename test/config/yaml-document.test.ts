import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConfigNode, type ConfigValue, makeNode, plainValue } from '../../src/config/node.ts'
import { openYaml, type YamlDocument, type YamlPath } from '../../src/config/yaml-document.ts'
import { readYaml } from '../../src/config/yaml-reader.ts'
import { randomFrom } from '../support/random.ts'

const test = suite('yaml-document')

const node = (value: ConfigValue): ConfigNode => makeNode(value, { file: '', line: 0 })

/** The text after some changes to a document. */
function edited(text: string, change: (document: YamlDocument) => void): string {
  const document = openYaml(text, 'spack.yaml')
  change(document)
  return document.text
}

const manifest = `# An environment
spack:
  # what we want
  specs:
  - zlib   # small
  # and this
  - "hdf5+mpi"

  view: true # the default one
  packages:
    all: {target: [x86_64], buildable: true}
    # nothing else
  concretizer: {}
  config:
`

test('an item is added behind the last one, in its column', () => {
  const text = edited(manifest, (document) => document.append(['spack', 'specs'], node('xz@5:')))
  assert.is(text, manifest.replace('  - "hdf5+mpi"\n', '  - "hdf5+mpi"\n  - \'xz@5:\'\n'))
})

test('an item is added in front of the first one', () => {
  const text = edited(manifest, (document) => document.insert(['spack', 'specs'], 0, node('xz')))
  assert.is(text, manifest.replace('  - zlib', '  - xz\n  - zlib'))
})

test('a value changes and its comment stays', () => {
  const text = edited(manifest, (document) => document.set(['spack', 'view'], node('/opt/view')))
  assert.is(text, manifest.replace('view: true #', 'view: /opt/view #'))
})

test('a value becomes a map and one line again', () => {
  const map = edited(manifest, (document) => document.set(['spack', 'view'], node({ default: { root: '/v' } })))
  assert.is(
    map,
    manifest.replace('view: true # the default one', 'view: # the default one\n    default:\n      root: /v'),
  )
  assert.is(
    edited(map, (document) => document.set(['spack', 'view'], node(true))),
    manifest,
  )
})

test('an empty map and a key without a value get their first entry', () => {
  const text = edited(manifest, (document) => {
    document.set(['spack', 'concretizer', 'unify'], node(false))
    document.set(['spack', 'config', 'install_tree', 'root'], node('/s'))
  })
  const expected = manifest
    .replace('concretizer: {}', 'concretizer:\n    unify: false')
    .replace('  config:\n', '  config:\n    install_tree:\n      root: /s\n')
  assert.is(text, expected)
})

test('what stands in brackets stays in brackets', () => {
  const text = edited(manifest, (document) => {
    document.set(['spack', 'packages', 'all', 'target'], node(['zen2', 'x86_64']))
    document.remove(['spack', 'packages', 'all', 'buildable'])
    document.set(['spack', 'packages', 'all', 'require'], node('@1.2:'))
  })
  assert.is(text, manifest.replace('{target: [x86_64], buildable: true}', "{target: [zen2, x86_64], require: '@1.2:'}"))
})

test('in brackets over several lines comments stay with their items', () => {
  const append = (text: string) => edited(text, (document) => document.append(['a'], node('x')))
  assert.is(append('a: [\n  b, # one\n  c  # two\n]\n'), 'a: [\n  b, # one\n  c,  # two\n  x\n]\n')
  assert.is(append('a: [\n  b, # one\n]\n'), 'a: [\n  b, # one\n  x,\n]\n')
  assert.is(append('a: [b,\n    c]\n'), 'a: [b,\n    c,\n    x]\n')
  assert.is(append('a: [b, c, ]\n'), 'a: [b, c, x, ]\n')
})

test('of a map and a list only what differs is written', () => {
  const text = edited(manifest, (document) => {
    document.set(['spack', 'specs'], node(['bzip2', 'zlib', 'hdf5+mpi']))
    document.set(
      ['spack', 'packages'],
      node({ all: { target: ['x86_64'], buildable: true }, zlib: { version: ['1.3'] } }),
    )
  })
  const expected = manifest
    .replace('  - zlib', '  - bzip2\n  - zlib')
    .replace('buildable: true}\n', "buildable: true}\n    zlib:\n      version:\n      - '1.3'\n")
  assert.is(text, expected)
})

test('removing the last of a map or list leaves it empty, and comments where they were', () => {
  const text = edited(manifest, (document) => {
    assert.ok(document.remove(['spack', 'specs', 0]))
    assert.ok(document.remove(['spack', 'specs', 0]))
    assert.not(document.remove(['spack', 'specs', 0]))
  })
  assert.is(
    text,
    manifest.replace('specs:\n  - zlib   # small\n  # and this\n  - "hdf5+mpi"', 'specs: []\n  # and this'),
  )
})

test('the first entry behind a dash can go', () => {
  const text = 'a:\n- b: 1\n  c: 2\n- d: 3\n'
  assert.is(
    edited(text, (document) => document.remove(['a', 0, 'b'])),
    'a:\n- c: 2\n- d: 3\n',
  )
  assert.is(
    edited(text, (document) => document.remove(['a', 1, 'd'])),
    'a:\n- b: 1\n  c: 2\n- {}\n',
  )
})

test('a key is made to override and back', () => {
  const text = 'packages:\n  zlib:   # c\n    require: [+pic]\n'
  const overriding = edited(text, (document) => document.setOverride(['packages', 'zlib', 'require'], true))
  assert.is(overriding, text.replace('require:', 'require::'))
  assert.is(
    edited(overriding, (document) => document.setOverride(['packages', 'zlib', 'require'], false)),
    text,
  )
})

test('the indentation of the file is followed', () => {
  const text = 'spack:\n    specs:\n      - a\n    config: {}\n'
  const expected = 'spack:\n    specs:\n      - a\n      - b\n    config:\n        template_dirs:\n          - /t\n'
  const change = (document: YamlDocument) => {
    document.append(['spack', 'specs'], node('b'))
    document.set(['spack', 'config', 'template_dirs'], node(['/t']))
  }
  assert.is(edited(text, change), expected)
})

test('lines that end in a carriage return stay so, and new ones do', () => {
  const text = 'config:\r\n  build_jobs: 4\r\n'
  const change = (document: YamlDocument) => document.set(['config', 'ccache'], node(true))
  assert.is(edited(text, change), 'config:\r\n  build_jobs: 4\r\n  ccache: true\r\n')
})

test('a file without a final newline keeps doing without', () => {
  const change = (document: YamlDocument) => document.set(['config', 'ccache'], node(true))
  assert.is(edited('config:\n  build_jobs: 4', change), 'config:\n  build_jobs: 4\n  ccache: true')
  assert.is(
    edited('a: 1\nb: 2', (document) => document.remove(['b'])),
    'a: 1',
  )
})

test('an empty file and one of comments are filled', () => {
  const change = (document: YamlDocument) => document.set(['config', 'ccache'], node(true))
  assert.is(edited('', change), 'config:\n  ccache: true\n')
  assert.is(edited('# mine\n', change), '# mine\nconfig:\n  ccache: true\n')
})

test('block texts keep their lines', () => {
  const text = 'a: |\n  one\n  two\nb: 1\n'
  assert.is(
    edited(text, (document) => document.set(['c'], node('three'))),
    `${text}c: three\n`,
  )
  assert.is(
    edited(text, (document) => document.set(['a'], node('x'))),
    'a: x\nb: 1\n',
  )
})

test('what is shared by an alias is not changed behind its back', () => {
  const text = 'a: &one\n  x: 1\nb: *one\nc:\n  <<: *one\n'
  const refuses = (change: (document: YamlDocument) => void) => {
    const document = openYaml(text, 'spack.yaml')
    assert.throws(
      () => change(document),
      (error: Error & { code?: string }) => error.code === 'yaml-edit',
    )
    assert.is(document.text, text)
  }
  refuses((document) => document.set(['b', 'x'], node(2)))
  refuses((document) => document.remove(['c', 'x']))
  refuses((document) => document.set(['a'], node(1)))
})

test('a list where a map is needed is refused', () => {
  const code = (change: (document: YamlDocument) => void): string | undefined => {
    try {
      change(openYaml('a: [1]\nb: x\n', 'f.yaml'))
      return undefined
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  assert.is(
    code((document) => document.set(['a', 'x'], node(2))),
    'yaml-edit',
  )
  assert.is(
    code((document) => document.append(['b'], node(2))),
    'yaml-edit',
  )
})

// Properties. A random document in random layout, a random change: what it should say it says (the document checks that
// itself and throws otherwise), and every line that the change does not concern is there as it was.

type Random = (below: number) => number

const words = [
  'zlib',
  '@1.2:',
  '+pic',
  'a b',
  'x: y',
  '',
  "it's",
  'true',
  '1.10',
  '# no',
  '~x',
  '[z]',
  'é',
  '-',
  'null',
  ' s',
  '"q"',
]
const scalars: ConfigValue[] = [...words, 1, 0, true, false, null, 2.5]
const keys = ['all', 'zlib', 'config', 'x', 'specs', 'with space', "q'q", '10', '9', 'a:b', 'when']

function randomValue(random: Random, depth: number): ConfigValue {
  const kind = random(depth > 3 ? 3 : 6)
  if (kind < 3) return scalars[random(scalars.length)]!
  if (kind < 5) {
    const names = new Set(Array.from({ length: random(4) }, () => keys[random(keys.length)]!))
    return Object.fromEntries([...names].map((name) => [name, randomValue(random, depth + 1)]))
  }
  return Array.from({ length: random(4) }, () => randomValue(random, depth + 1))
}

/** YAML of a value with comments, blank lines, brackets and indentation as it comes. */
function scatter(value: ConfigValue, random: Random, indent: number): string[] {
  const noise = (): string[] => [
    ...(random(5) ? [] : [`${' '.repeat(indent)}# note ${random(1000)}`]),
    ...(random(8) ? [] : ['']),
  ]
  const comment = () => (random(4) ? '' : `  # c${random(1000)}`)
  const pad = ' '.repeat(indent)
  const isFlow = typeof value !== 'object' || value === null || Object.keys(value).length === 0 || random(4) === 0
  if (isFlow) return [inline(value, random)]
  const deeper = 1 + random(3)
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const [first, ...rest] = scatter(item, random, indent + 2)
      return [...noise(), `${pad}- ${first!.trimStart()}${canComment(first!) ? comment() : ''}`, ...rest]
    })
  }
  return Object.entries(value).flatMap(([key, member]) => {
    const lines = scatter(member, random, indent + deeper)
    const name = quoted(key, random)
    const isBlock = lines.length > 1 || /^ *(?:- |#|$)|^ *[^'"[{ ][^#]*: /.test(lines[0]!) || lines[0]!.startsWith(' ')
    if (!isBlock) return [...noise(), `${pad}${name}: ${lines[0]}${comment()}`]
    return [...noise(), `${pad}${name}:${comment()}`, ...lines]
  })
}

const canComment = (line: string): boolean => !line.trim().startsWith('#') && line.trim() !== ''

function inline(value: ConfigValue, random: Random): string {
  if (typeof value === 'string') return quoted(value, random)
  if (Array.isArray(value)) return `[${value.map((item) => inline(item, random)).join(random(2) ? ', ' : ',  ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).map(([key, member]) => `${quoted(key, random)}: ${inline(member, random)}`)
  return `{${pairs.join(', ')}}`
}

const quoted = (text: string, random: Random): string =>
  /^[a-z]+$/.test(text) && !['true', 'null'].includes(text) && random(2)
    ? text
    : random(2)
      ? JSON.stringify(text)
      : `'${text.replaceAll("'", "''")}'`

function paths(value: ConfigValue, path: YamlPath = []): YamlPath[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value)
  return [path, ...inner.flatMap(([key, member]) => paths(member, [...path, key]))]
}

/** Lines of `old`, but for empty ones, that are not among those of `now`, in order. */
function lostLines(old: readonly string[], now: readonly string[]): string[] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0))
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        old[i] === now[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  const lost: string[] = []
  for (let i = 0, j = 0; i < old.length; i++) {
    while (j < now.length && old[i] !== now[j] && lengths[i]![j + 1]! === lengths[i]![j]!) j++
    if (j < now.length && old[i] === now[j]) j++
    else if (old[i]!.trim()) lost.push(old[i]!)
  }
  return lost
}

for (const newline of ['\n', '\r\n']) {
  test(`random changes of random documents say what they should (${JSON.stringify(newline)})`, () => {
    const random = randomFrom(`yaml-document ${newline}`)
    let changes = 0
    while (changes < 400) {
      const value = { top: randomValue(random, 0), zlib: randomValue(random, 0) }
      const lines = scatter(value, random, 0)
      const text = `${lines.join(newline)}${random(5) ? newline : ''}`
      const tree = readYaml(text, 'f.yaml')
      // What the scatterer wrote is no test of the editor unless it reads back.
      if (!tree || JSON.stringify(plainValue(tree)) !== JSON.stringify(asRead(value))) continue
      changes++
      const places = paths(plainValue(tree)).slice(1)
      const path = places[random(places.length)]!
      const document = openYaml(text, 'f.yaml')
      const kept = document.get(path)!
      const before = text.split(newline)
      if (random(3) === 0) {
        document.remove(path)
        const lost = lostLines(before, document.text.split(newline))
        assert.ok(
          lost.length <= sizeOf(kept) + 1,
          `${text}\n--- ${path} removed:\n${document.text}\nlost: ${lost.join('|')}`,
        )
      } else if (kept.kind === 'list' && kept.items.length) {
        const index = random(kept.items.length + 1)
        document.insert(path, index, node(randomValue(random, 2)))
        const lost = lostLines(before, document.text.split(newline))
        assert.ok(lost.length <= 1, `${text}\n--- ${path} got an item:\n${document.text}\nlost: ${lost.join('|')}`)
      } else {
        document.set(path, node(randomValue(random, 2)))
        const lost = lostLines(before, document.text.split(newline))
        assert.ok(
          lost.length <= sizeOf(kept) + 1,
          `${text}\n--- ${path} set:\n${document.text}\nlost: ${lost.join('|')}`,
        )
      }
    }
  })
}

/** As YAML reads it: a colon at the end of a text without `@` is lost. */
function asRead(value: ConfigValue): ConfigValue {
  if (typeof value === 'string') return value.endsWith(':') && !value.includes('@') ? value.slice(0, -1) : value
  if (Array.isArray(value)) return value.map(asRead)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asRead(member)]))
}

/** An upper bound of the lines of a value, comments and empty lines among them included. */
function sizeOf(value: ConfigNode): number {
  if (value.kind === 'scalar') return 1
  const inner = value.kind === 'list' ? value.items : [...value.entries.values()].map((entry) => entry.value)
  return 1 + inner.reduce((sum, item) => sum + 2 + sizeOf(item), 0)
}

test.run()
