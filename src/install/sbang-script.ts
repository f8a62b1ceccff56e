// `ROOT/bin/sbang`: what scripts with a very long first line are run through. Spack puts its own there; both do the same.

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Perl and Ruby would start /bin/sh again when they read the first line; -x makes them look for their own. */
const script = `#!/bin/sh
# Runs a script by its second line. The first line of such a script is "#!/bin/sh THIS", because the line that names
# its interpreter is longer than the kernel reads.
if [ $# -eq 0 ]; then
    echo "usage: sbang SCRIPT [ARGUMENT...]" >&2
    exit 1
fi
{ IFS= read -r _ && IFS= read -r line; } < "$1" || [ -n "$line" ] || {
    echo "sbang: $1 has no second line" >&2
    exit 1
}
case $line in
    '#!'*) line=\${line#'#!'} ;;
    '//!'*) line=\${line#'//!'} ;;
    '--!'*) line=\${line#'--!'} ;;
    '<?php #!'*) line=\${line#'<?php #!'} ;;
    *)
        echo "sbang: the second line of $1 names no interpreter" >&2
        exit 1
        ;;
esac
set -f
for word in $line; do
    case $word in
        */perl* | perl* | */ruby* | ruby*) line="$line -x" && break ;;
    esac
done
# shellcheck disable=SC2086
exec $line "$@"
`

export const sbangPath = (unpaddedRoot: string): string => `${unpaddedRoot}/bin/sbang`

/** Makes sure that there is one. Another's is left alone. */
export function placeSbang(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, script, { mode: 0o755 })
  renameSync(temporary, path)
}
