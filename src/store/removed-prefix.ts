// Where a prefix lies while it is deleted. Installers look there too: what a killed uninstallation left is in their way.

import { dirname, join } from 'node:path'

/** A hidden folder beside the prefix. */
export const removedPrefix = (prefix: string, hash: string): string => join(dirname(prefix), `.${hash}.removed`)
