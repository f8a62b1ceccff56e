#!/bin/sh
bar=$(printf '%s' "$1" | sed 's/./-/g')
printf '+-%s-+\n| %s |\n+-%s-+\n' "$bar" "$1" "$bar"
