// `spack graph`: what depends on what, drawn.

import { type Command, flagOn } from './command.ts'

export const graph: Command = {
  name: 'graph',
  summary: 'generate graphs of package dependency relationships',
  description:
    'In an environment its concrete specs are drawn, all roots when none is named. Elsewhere a spec is an installed one with\n' +
    '`--installed`, a hash, a file `spec.json`, or one that is concretized first.',
  positional: '[spec ...]',
  flags: [
    { name: 'ascii', short: 'a', help: 'draw graph as ascii to stdout (default)' },
    { name: 'dot', short: 'd', help: 'generate graph in dot format and print to stdout' },
    { name: 'svg', help: 'print the graph as a picture (SVG)' },
    { name: 'static', short: 's', help: "graph static (possible) deps, don't concretize (implies `--dot`)" },
    { name: 'color', short: 'c', help: 'use different colors for different dependency types' },
    { name: 'installed', short: 'i', help: 'graph specs from the DB' },
    {
      name: 'deptype',
      kind: 'string',
      value: 'DEPTYPE',
      help: 'comma-separated list of deptypes to traverse (default=build,link,run,test)',
    },
  ],
  run: async (invocation, args) => {
    const { drawGraph } = await import('./graph-draw.ts')
    return await drawGraph(invocation, args, flagOn(args, 'static'))
  },
}
