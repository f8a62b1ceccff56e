#!/bin/sh
# Frames what another program of the environment says; knows its own prefix, so that it must be relocated.
line=$("@PREFIX@/libexec/frame" "$(greet "$@")")
printf '%s\n' "$line"
