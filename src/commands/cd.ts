// `spack cd`: changes the folder of the shell. The shell's function does it, with the words that this prints.

import { SpackError } from '../ui/error.ts'
import { type Command, flagOn } from './command.ts'
import { location } from './location.ts'
import { chosenShell, shellFlags } from './shell-flags.ts'

export const cd: Command = {
  name: 'cd',
  summary: 'cd to spack directories in the shell',
  positional: '[spec | environment]',
  flags: [...location.flags!, ...shellFlags],
  run: async (invocation, args) => {
    if (!chosenShell(args)) {
      throw new SpackError('shell', '`spack cd` needs the shell: a program cannot change the folder of another', {
        hint: 'source `setup-env.sh` first, or `cd $(spack location …)` with the same words',
      })
    }
    const places = location.flags!.map(({ name }) => name).filter((name) => name !== 'first')
    // Without a flag it is the sources, as in Spack.
    const asked = places.some((name) => flagOn(args, name)) ? args.flags : { ...args.flags, 'source-dir': true }
    const lines: string[] = []
    const print = (text: string) => void lines.push(text.trim())
    const code = await location.run!({ ...invocation, print }, { ...args, flags: asked })
    invocation.print(`cd '${lines.join('\n').replaceAll("'", "'\\''")}'\n`)
    return code
  },
}
