// concretize: requests and the DAGs that answer them, over the recipes of the kit.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { concretizeTogether } from '../../src/concretize/concretize.ts'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { writeNodes } from '../../src/spec/node.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { traverseNodes } from '../../src/spec/traverse.ts'
import { isolated } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kitWorld } from './kit-world.ts'
import type { Tally } from './tally.ts'

interface Answer {
  input: string
  root: string
  nodes: Record<string, unknown>[]
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const area = join(folder, 'concretize')
  const index = JSON.parse(readFileSync(join(area, 'index.json'), 'utf8')) as {
    input: string
    file: string
    seconds: number
  }[]
  const dir = scratch()
  const configuration = await loadConfiguration({
    environ: isolated(dir),
    cwd: dir,
    commandScopes: [{ name: 'kit', level: 'custom', kind: 'folder', path: join(area, 'config'), isWritable: false }],
  })
  const world = kitWorld(folder, configuration)
  for (const { input, file, seconds } of index) {
    const answer = JSON.parse(readFileSync(join(area, file), 'utf8')) as Answer
    const started = performance.now()
    await tally.checkAsync(input, comparable(answer.root, answer.nodes), async () => {
      const origin = { text: input, where: null }
      const { roots } = concretizeTogether(world.world, world.facts, [{ spec: parseSpec(input), origin }])
      return comparable(
        roots[0]!.concrete!.hash,
        writeNodes(traverseNodes([roots[0]!])) as unknown as Record<string, unknown>[],
      )
    })
    if (process.env.SPACKMAKE_TIMES)
      console.log(
        input,
        `${Math.round(performance.now() - started)} ms, ${Math.round((seconds * 1e3) / (performance.now() - started))}x`,
      )
  }
}

/** Nodes by name and hash, without what is not compared. */
function comparable(root: string, nodes: readonly Record<string, unknown>[]): unknown {
  const rows = nodes.map(({ annotations: _, ...node }) => [`${node.name}/${node.hash}`, node] as const)
  return { root, nodes: Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1))) }
}
