// Generated input for property tests: a seeded source of numbers and, built on it, texts of versions and of lists.

/** Numbers in [0, 1) that depend on `seed` alone (mulberry32). */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!

const components = [
  '0',
  '1',
  '2',
  '3',
  '9',
  '10',
  '11',
  '007',
  '2021',
  'a',
  'b',
  'z',
  'Z',
  'p',
  'develop',
  'main',
  'dev',
]
const endings = ['', '', '', '', 'rc', 'rc1', 'rc2', 'alpha', 'beta3', '-1']

/** A version's text: few distinct components, so that equal and neighbouring versions are common. */
export function randomVersionText(random: Random): string {
  const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, components))
  return parts.join(pick(random, ['.', '.', '.', '-', '_'])) + pick(random, endings)
}

/** Up to three exact versions or ranges that are not empty. */
export function randomVersionListText(random: Random): string {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomItemText(random)).join(',')
}

function randomItemText(random: Random): string {
  const number = () => String(Math.floor(random() * 12))
  const low = `${number()}.${number()}`
  const high = `${Number(low.split('.')[0]) + Math.floor(random() * 3)}.${number()}${random() < 0.2 ? 'rc1' : ''}`
  const isAscending = Number(low.split('.')[0]) < Number(high.split('.')[0])
  return pick(random, [
    `=${randomVersionText(random)}`,
    randomVersionText(random),
    `:${high}`,
    `${low}:`,
    isAscending ? `${low}:${high}` : low,
  ])
}

const variants = ['+x', '~x', '+y', '~y', ' v=1', ' v=1,2', ' v=*', ' v:=1', ' w=a']
const nodeParts = [
  ' cflags=-g',
  " cflags='-g -O2'",
  ' os=rhel9',
  ' platform=linux',
  ' target=zen2',
  ' target=zen2:',
  ' target=x86_64:',
]

/** A spec that parses: a name, some constraints, and up to two dependencies without conditions. */
export function randomSpecText(random: Random): string {
  const names = ['b', 'c', 'd'].sort(() => random() - 0.5)
  const edges = names.slice(0, Math.max(0, Math.floor(random() * 5) - 2))
  const sigil = () => pick(random, [' ^', ' ^', ' %'])
  return randomNodeText(random, 'a', 0.4) + edges.map((name) => sigil() + randomNodeText(random, name, 0.2)).join('')
}

function randomNodeText(random: Random, name: string, density: number): string {
  const some = (part: () => string) => (random() < density ? part() : '')
  const version = some(() => `@${pick(random, ['1', '=1.2', '1.2', '1:2', ':3', '2:', '1.2,2'])}`)
  const first = pick(random, variants)
  const second = pick(
    random,
    variants.filter((other) => other.replace(/[^a-z]/g, '')[0] !== first.replace(/[^a-z]/g, '')[0]),
  )
  return name + version + some(() => first) + some(() => second) + some(() => pick(random, nodeParts))
}
