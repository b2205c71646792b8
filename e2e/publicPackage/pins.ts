/**
 * A public package not written here that ships its tests, its lint rules and its build inputs: what runs on the
 * sample has to run on other people's code as well. Nothing of it is kept in this repository.
 */
export const PACKAGE = {
  name: 'qs',
  version: '6.16.0',
  /** Of the tarball, as the registry states it. */
  integrity:
    'sha512-h6fhOIaRrID2CbEY2fqs+7t+UXZo+MLAnU5gRIq85uFtdiUPCdsApMlHhXogKVM4HM2DVbIjGNTTYH2OcmP1vA==',
} as const

/**
 * What lint, test and build need of the package's own `devDependencies`; it states the ranges. Left out is what
 * serves publishing and coverage only.
 */
export const TOOLS = [
  '@browserify/envify',
  '@browserify/uglifyify',
  '@ljharb/eslint-config',
  'browserify',
  'bundle-collapser',
  'common-shakeify',
  'es-value-fixtures',
  'eslint',
  'for-each',
  'has-bigints',
  'has-override-mistake',
  'has-property-descriptors',
  'has-proto',
  'has-symbols',
  'iconv-lite',
  'mkdirp',
  'mock-property',
  'module-deps',
  'object-inspect',
  'qs-iconv',
  'safer-buffer',
  'tape',
  'unassertify',
] as const

/** Ranges are resolved as on this day, so that tomorrow's releases change nothing. */
export const RESOLVED_BEFORE = '2026-10-01'
