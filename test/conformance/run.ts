// `npm run -s conformance -- [DIR] [AREA…]`: runs each vector file of a folder in the kit's layout that the project can
// answer, one line a file, then its first differences. Exit code 1 when any differ. An AREA is a folder of the kit
// (`spec`) or one of its files (`spec/parse`).

import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { shared } from '../support/shared.ts'
import { areas } from './areas.ts'
import { Tally } from './tally.ts'

const shownDifferences = 5

async function main(words: readonly string[]): Promise<number> {
  const isFolder = (word: string) =>
    existsSync(word) && statSync(word).isDirectory() && !areas.some((area) => area.name === word)
  const folder = words[0] && isFolder(words[0]) ? resolve(words[0]) : shared && join(shared, 'conformance')
  const wanted = words[0] && isFolder(words[0]) ? words.slice(1) : words
  if (!folder) {
    console.error('there is no conformance kit beside this checkout; name its folder: npm run -s conformance -- DIR')
    return 2
  }
  const unknown = wanted.filter((word) => !areas.some((area) => matches(area.name, word)))
  if (unknown.length) {
    console.error(`unknown area: ${unknown.join(', ')} (known: ${areas.map((area) => area.name).join(', ')})`)
    return 2
  }
  let different = false
  for (const area of areas) {
    if (wanted.length && !wanted.some((word) => matches(area.name, word))) continue
    if (!existsSync(join(folder, area.needs))) continue
    const tally = new Tally()
    const run = await area.load()
    await run(folder, tally)
    console.log(`${area.name} ${tally.passed}/${tally.total}${tally.leftOut ? ` (${tally.leftOut} left out)` : ''}`)
    for (const line of tally.differences.slice(0, shownDifferences)) console.log(`  ${line}`)
    if (tally.differences.length > shownDifferences)
      console.log(`  … and ${tally.differences.length - shownDifferences} more`)
    different ||= tally.passed < tally.total
  }
  return different ? 1 : 0
}

const matches = (name: string, word: string): boolean => name === word || name.startsWith(`${word}/`)

process.exitCode = await main(process.argv.slice(2))
