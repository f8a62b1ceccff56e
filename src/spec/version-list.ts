// What may follow `@`: a list of exact versions, ranges and git versions, kept sorted and merged.

/** To be replaced by the version types. */
export type VersionList = readonly unknown[]
