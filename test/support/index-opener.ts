// A process of its own that opens the index of a repository: `index-opener.ts ROOT CACHE`.

import { openIndex } from '../../src/recipes/recipe-index.ts'
import { readRepository } from '../../src/recipes/repository.ts'

const [root, userCache] = process.argv.slice(2) as [string, string]
const repository = await readRepository(root)
const index = await openIndex(repository, { userCache, importable: [repository], environ: process.env })
process.stdout.write(`${index.names.length}\n`)
