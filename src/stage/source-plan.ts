// Where the sources of a concrete spec come from and what is done to them, worked out before anything is fetched: a plain
// value that can be printed, stored, and carried out by a process that knows no recipes.

import type { Credentials } from '../buildcache/mirror.ts'

export interface SourcePlan {
  spec: { name: string; version: string; hash: string }
  /** Folders that may hold stages, best first; the first that can be used is. `config:build_stage`. */
  stageRoots: readonly string[]
  /** Name of the folder in it. */
  stageName: string
  /** Where downloads are kept. `config:source_cache`. */
  cache: string
  source: Source
  /** In the order in which they are put in place: outer ones first. */
  resources: readonly PlannedResource[]
  /** In the order in which they are applied. */
  patches: readonly PlannedPatch[]
  /** Why nothing may be fetched at all, or what must be said about it. */
  objections: readonly Objection[]
}

/** What stands against fetching, with what would allow it. */
export interface Objection {
  code: string
  message: string
  hint: string
}

export type Source = NoSource | ArchiveSource | GitSource | CommandSource | UserSource

/** A package without code. */
export interface NoSource {
  kind: 'none'
}

/** Sources that a user develops: a folder that is used where it is (`dev_path`). */
export interface UserSource {
  kind: 'develop'
  folder: string
}

export interface Digest {
  algorithm: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
  /** Hexadecimal, lower case. */
  hex: string
}

/** One file, and possibly an archive. */
export interface ArchiveSource {
  kind: 'archive'
  /** The name that it gets in the stage. */
  fileName: string
  /** null: nothing is checked, because it must not be (`--no-checksum`) or because nobody knows better (`objections`). */
  digest: Digest | null
  expand: boolean
  /** What the recipe says of the kind of archive; else its first bytes tell. */
  extension: string | null
  candidates: readonly Candidate[]
  places: MirrorPlaces
  /** May be kept in the download cache. */
  isCachable: boolean
  /** Sent along with requests for the recipe's own URLs. */
  cookie?: string
  /** For people to read when nothing could be fetched (packages behind a login). */
  instructions?: string
}

export interface GitSource {
  kind: 'git'
  url: string
  commit: string | null
  /** A tag, or a branch where it does not matter which. */
  tag: string | null
  branch: string | null
  /** true: all; `asked`: only the recipe can tell. */
  submodules: boolean | readonly string[]
  submodulesDelete: readonly string[]
  fullRepository: boolean
  sparsePaths: readonly string[]
  /** Archives that mirrors and the cache may have of it. */
  archive: ArchivedCheckout
}

/** Other version control, by its command. */
export interface CommandSource {
  kind: 'hg' | 'svn' | 'cvs' | 'go'
  url: string
  revision: string | null
  branch: string | null
  date: string | null
  archive: ArchivedCheckout
}

/** Packed checkouts have no digest: whoever may write the mirror is believed. */
export interface ArchivedCheckout {
  candidates: readonly Candidate[]
  places: MirrorPlaces
  isCachable: boolean
}

/** A place where a file may be. */
export interface Candidate {
  kind: 'cache' | 'mirror' | 'url' | 'list'
  /** Of a list: the page that is searched for the URL. */
  url: string
  /** The mirror's name. */
  mirror?: string
  credentials?: Credentials
  /** Of a list: how deep links are followed, and what is looked for. */
  list?: { depth: number; version: string; expectedUrls: readonly string[] }
}

/** Below a mirror: where a file is stored, and a link to it for people, where these differ. */
export interface MirrorPlaces {
  storage: string
  alias: string | null
}

export interface PlannedResource {
  name: string
  source: ArchiveSource | GitSource | CommandSource
  /** Below the sources; empty for their top. */
  destination: string
  /** From paths in the resource (empty: all of it) to names below the destination; null: under its own name. */
  placement: Readonly<Record<string, string>> | null
}

export interface PlannedPatch {
  sha256: string
  /** What the recipe calls it: a path or a URL. */
  shown: string
  /** A file of a repository, or something to fetch. */
  from: { kind: 'file'; path: string } | { kind: 'fetch'; source: ArchiveSource }
  level: number
  workingDir: string
  isReversed: boolean
}
