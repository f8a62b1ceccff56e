#!/usr/bin/env node
// The per-spec installer that make starts.
process.exitCode = 2
