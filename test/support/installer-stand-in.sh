#!/bin/sh
# Stands in for the installer in tests of depfiles: logs what it was asked for, and makes STAND_IN_STORE/HASH.
# STAND_IN_FAIL names a hash that fails, STAND_IN_HANG sleeps so long in place of doing anything, STAND_IN_ONLY_LOG makes
# nothing, STAND_IN_ARGUMENTS keeps all arguments there.
for word; do last=$word; done
[ -z "$STAND_IN_ARGUMENTS" ] || echo "$*" >>"$STAND_IN_ARGUMENTS"
case $last in
  --finish) echo finish >>"$STAND_IN_LOG"; exit 0 ;;
esac
echo "$last" >>"$STAND_IN_LOG"
[ -z "$STAND_IN_HANG" ] || exec sleep "$STAND_IN_HANG"
[ "$last" != "/$STAND_IN_FAIL" ] || { echo "cannot install $last" >&2; exit 1; }
[ -n "$STAND_IN_ONLY_LOG" ] || { mkdir -p "$STAND_IN_STORE$last/.spack" && : >"$STAND_IN_STORE$last/.spack/spec.json"; }
