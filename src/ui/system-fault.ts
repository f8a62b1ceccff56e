// What the system refuses, in words: `permission denied` instead of `EACCES: permission denied, mkdir '…'`.

/** Why a call failed, by code, or call and code. Codes that are missing here say more to those who look for the cause than words would. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ENOENT: 'it does not exist',
  'mkdir ENOENT': 'the folder above it takes no entries',
  EEXIST: 'it is there already',
  ENOTEMPTY: 'the folder is not empty',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open (`ulimit -n`)',
  ETXTBSY: 'it is a program that runs',
  EXDEV: 'source and target are on different file systems',
}

/** What a call would have done with its path. */
const verbs: Readonly<Record<string, string>> = {
  access: 'reached',
  chmod: 'changed',
  copyfile: 'copied',
  fsync: 'written',
  ftruncate: 'written',
  link: 'linked',
  lstat: 'looked at',
  lutime: 'changed',
  mkdir: 'made',
  mkdtemp: 'made',
  open: 'opened',
  opendir: 'listed',
  read: 'read',
  readlink: 'read',
  rename: 'renamed',
  rm: 'removed',
  rmdir: 'removed',
  scandir: 'listed',
  spawn: 'started',
  stat: 'looked at',
  statfs: 'looked at',
  symlink: 'made',
  unlink: 'removed',
  utime: 'changed',
  write: 'written',
}

/** Why the system refused, by the code of its error; undefined where words say no more than the code. */
export const refusalReason = (code: string | undefined): string | undefined => (code ? reasons[code] : undefined)

/** The sentence for a failed system call that nobody gave one: "`/x` cannot be made: permission denied". */
export function faultInWords(error: NodeJS.ErrnoException): string {
  const reason = reasons[`${error.syscall} ${error.code}`] ?? refusalReason(error.code)
  const verb = verbs[error.syscall?.replace(/^spawn .*/, 'spawn') ?? '']
  if (!reason || !verb) return error.message
  return `${error.path === undefined ? 'output' : `\`${error.path}\``} cannot be ${verb}: ${reason}`
}
