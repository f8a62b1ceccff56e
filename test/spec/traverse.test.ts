import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type DeptypeMask, deptypeBits, emptySpec, type Spec } from '../../src/spec/spec.ts'
import { traverseNodes } from '../../src/spec/traverse.ts'

const { build, link } = deptypeBits

/** Specs by name, from `parent: [child, deptypes]…`. */
function graph(rows: Record<string, [child: string, deptypes: DeptypeMask][]>): Record<string, Spec> {
  const specs: Record<string, Spec> = {}
  const spec = (name: string) => (specs[name] ??= { ...emptySpec(), name })
  for (const [name, children] of Object.entries(rows)) {
    spec(name).edges = children.map(([child, deptypes]) => ({
      child: spec(child),
      deptypes,
      virtuals: [],
      direct: true,
      propagate: false,
      when: null,
    }))
  }
  return specs
}

//   app ─ link ─▶ lib ─ link ─▶ base
//    └─ build ─▶ tool ─ link ────▲
const { app, lib, tool } = graph({
  app: [
    ['tool', build],
    ['lib', link],
  ],
  lib: [['base', link]],
  tool: [['base', link]],
}) as { app: Spec; lib: Spec; tool: Spec }

const names = (specs: readonly Spec[]) => specs.map(({ name }) => name).join(' ')

test('each node comes once, children by name', () => {
  assert.is(names(traverseNodes([app])), 'app lib base tool')
  assert.is(names(traverseNodes([app], { order: 'breadth' })), 'app lib tool base')
  assert.is(names(traverseNodes([app], { order: 'post' })), 'base lib tool app')
})

test('edges of other deptypes are not followed', () => {
  assert.is(names(traverseNodes([app], { deptypes: link })), 'app lib base')
  assert.is(names(traverseNodes([app], { deptypes: link, order: 'post' })), 'base lib app')
})

test('several roots, with or without themselves', () => {
  assert.is(names(traverseNodes([tool, lib], { order: 'post' })), 'base tool lib')
  assert.is(names(traverseNodes([tool, lib], { root: false })), 'base')
  assert.is(names(traverseNodes([app, lib], { root: false })), 'base tool')
})

test('long chains do not exhaust the stack', () => {
  const rows = Object.fromEntries(
    Array.from(
      { length: 20_000 },
      (_, index) => [`n${index}`, [[`n${index + 1}`, link]]] as [string, [string, number][]],
    ),
  )
  const { n0 } = graph(rows) as { n0: Spec }
  for (const order of ['depth', 'breadth', 'post'] as const) assert.is(traverseNodes([n0], { order }).length, 20_001)
})

test.run()
