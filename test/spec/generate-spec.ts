// Generated specs for property tests, on the source of numbers of `generate.ts`.

import { pick, type Random, randomVersionListText } from './generate.ts'

const names = ['a', 'b2', 'x_y', 'py-foo', 'zlib', 'gcc', 'clang', 'mpich', '3d']
const attributes = [
  '+x',
  '~y',
  ' -v',
  '++p',
  '~~q',
  '+z-w',
  ' k=v',
  ' k=v,w',
  ' k:=w,v',
  ' l==v',
  ' l:==w,v',
  ' j=*',
  ' on=true',
  " m='v w'",
  ' n="it\'s"',
  " u='é 日'",
  ' cflags=-O2',
  " cxxflags='-g -I /x'",
  ' ldflags==-Lx',
  ' target=zen2:',
  ' os=rhel8',
  ' platform=linux',
  ' arch=linux-sles15-haswell',
]
const edges = [' ^', '^', ' %', ' %%', ' %[deptypes=build] ', ' ^[deptypes=link,run] ', " %[when='+x'] "]
/** A child without a name cannot be written behind these. */
const namingEdges = [' ^m=', ' %c,cxx=', ' ^[virtuals=m,n] ', " ^[when='@1.2:' deptypes=build virtuals=m]"]

/** A spec's text as users write it; some of these contradict themselves. */
export function randomSpecText(random: Random): string {
  const dependencies = Array.from({ length: Math.floor(random() * 4) }, () => randomDependency(random))
  return randomNode(random, [...names, '*', '']) + dependencies.join('')
}

function randomDependency(random: Random): string {
  if (random() < 0.5) return pick(random, namingEdges) + randomNode(random, names)
  return pick(random, edges) + randomNode(random, [...names, '*', ''])
}

function randomNode(random: Random, names: readonly string[]): string {
  const chosen = new Set(Array.from({ length: Math.floor(random() * 5) }, () => pick(random, attributes)))
  const versions = random() < 0.4 ? `@${randomVersionListText(random)}` : ''
  return pick(random, names) + versions + [...chosen].join('')
}

const characters = [...'ab1_-.,:=+~%^@/\\*[] \'"\t\n#é😀', 'git.', '.json', 'target=', 'when=', '\u0000', '\u2003']

/** A text in which some characters were changed. */
export function mutate(random: Random, text: string): string {
  const mutated = [...text]
  for (let i = 1 + Math.floor(random() * 3); i > 0; i--) {
    const added = random() < 0.7 ? [pick(random, characters)] : []
    mutated.splice(Math.floor(random() * (mutated.length + 1)), random() < 0.6 ? 1 : 0, ...added)
  }
  return mutated.join('')
}
