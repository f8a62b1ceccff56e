// store: databases as they were written, and the spec files of prefixes.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DagHash } from '../../src/spec/spec.ts'
import { parseDatabase } from '../../src/store/database.ts'
import { parseSpecFile } from '../../src/store/spec-file.ts'
import type { Tally } from './tally.ts'

/** Each folder with an `index.json`: every record is read and set to what it says, and the whole is printed again. */
export function runDatabases(folder: string, tally: Tally): void {
  for (const name of readdirSync(join(folder, 'store')).sort()) {
    const file = join(folder, 'store', name, 'index.json')
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    tally.check(name, text, () => {
      const database = parseDatabase(text, file)
      for (const record of database.records()) {
        const { refCount, path, isInstalled, isExplicit, timeSeconds, deprecatedFor } = record
        database.change(record.hash, { refCount, path, isInstalled, isExplicit, timeSeconds, deprecatedFor })
      }
      return database.print()
    })
  }
}

/** `metadata/KIND/PACKAGE/spec.json`: its root must be what the database of the same kind says of it. */
export function runSpecFiles(folder: string, tally: Tally): void {
  const metadata = join(folder, 'store', 'metadata')
  for (const kind of readdirSync(metadata, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const index = join(folder, 'store', kind.name, 'index.json')
    const database = parseDatabase(readFileSync(index, 'utf8'), index)
    for (const name of readdirSync(join(metadata, kind.name)).sort()) {
      const { root, nodes } = parseSpecFile(readFileSync(join(metadata, kind.name, name, 'spec.json'), 'utf8'))
      tally.check(`${kind.name}/${name}`, database.nodeText(root), () => nodes.get(root)!.text)
      for (const hash of nodes.keys()) {
        tally.check(`${kind.name}/${name}/${hash}`, true, () => database.has(hash as DagHash))
      }
    }
  }
}
