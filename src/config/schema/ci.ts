// `ci` and `cdash`: pipelines and reports of builds.

import {
  demand,
  either,
  flag,
  list,
  named,
  number,
  oneOf,
  record,
  type Schema,
  strict,
  text,
  texts,
  whole,
} from './base.ts'

const script = list(either(text, texts))

const job = record({
  image: either(text, record({ name: text, entrypoint: texts })),
  tags: texts,
  variables: named(either(text, number)),
  before_script: script,
  script,
  after_script: script,
})

const submapping = strict(
  {
    match_behavior: oneOf('first', 'merge'),
    submapping: list(strict({ match: texts, 'build-job': job, 'build-job-remove': job }, ['match'])),
  },
  ['submapping'],
)

const dynamicMapping = strict(
  {
    'dynamic-mapping': record(
      {
        name: text,
        endpoint: text,
        timeout: whole(0),
        verify_ssl: flag,
        header: named(text),
        allow: texts,
        require: texts,
        ignore: texts,
      },
      ['endpoint'],
    ),
  },
  ['dynamic-mapping'],
)

const jobNames = ['any', 'build', 'cleanup', 'copy', 'noop', 'reindex', 'signing'] as const
const jobs = jobNames.map((name) => strict({ [`${name}-job`]: job, [`${name}-job-remove`]: job }))

const isFilled = (job: Record<string, unknown>): boolean => Object.keys(job).length > 0

export const ciSchema = (): Schema =>
  record({
    'pipeline-gen': list(demand(either(submapping, dynamicMapping, ...jobs), isFilled, 'must name a job')),
    'rebuild-index': flag,
    'broken-specs-url': text,
    'broken-tests-packages': texts,
    target: text,
  })

export const cdashSchema = (): Schema =>
  strict({ 'build-group': text, url: text, project: text, site: text }, ['build-group'])
