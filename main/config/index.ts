/** The configuration: project files and the seeds' formats in, typed values or problems out. */

export { globFault, pathFault } from './globs.ts'
export { GROUP_NAMES, isGroup, resolveGroups } from './groups.ts'
export { projectJsonSchema } from './jsonSchema.ts'
export { nearest } from './nearest.ts'
export { planFor, planForEpic } from './planFor.ts'
export { PRESET_NAMES } from './presets.ts'
export { formatProblem, type Problem } from './problems.ts'
export {
  DEFAULT_IMAGE,
  formatProblems,
  type LoadOptions,
  type LoadResult,
  loadProject,
  loadProjectText,
  nameFromFolder,
} from './project.ts'
export { PROJECT_FILE_NAMES } from './read.ts'
export { initTemplate, SCHEMA_FILE } from './template.ts'
export { FILE_KINDS, type FileKind, type FileReport, identify, validateFiles } from './validate.ts'
