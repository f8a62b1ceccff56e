// Texts that are pinned in a file of blocks, each below `### TITLE`. With `SPACKMAKE_UPDATE=1` the file is written anew.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'

/** A check that a text is as it stands in the file under a title. */
export function pinnedTexts(file: URL): (title: string, text: string) => void {
  const isUpdate = process.env.SPACKMAKE_UPDATE === '1'
  const blocks = (existsSync(file) ? readFileSync(file, 'utf8') : '').split(/^### /m).slice(1)
  const pinned = new Map(
    blocks.map((block) => [block.slice(0, block.indexOf('\n')), block.slice(block.indexOf('\n') + 1).trim()]),
  )
  const printed: string[] = []
  return (title, text) => {
    printed.push(`### ${title}\n${text.trim()}\n`)
    if (isUpdate) writeFileSync(file, printed.join('\n'))
    else assert.is(text.trim(), pinned.get(title))
  }
}
