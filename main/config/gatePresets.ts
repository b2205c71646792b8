import type { ConditionInputs } from './schema/gates.ts'

/**
 * The component completion criteria of the agent coordination framework (7.1), line by line as it writes them. Each is a
 * report of a tool, the tool itself, files that have to be there, or a person's word; docs/gates.md has the table. A
 * project that wants another tool writes a gate of that name of its own.
 */
const LINES: Readonly<Record<string, ConditionInputs>> = {
  'terraform validates': {
    run: 'terraform init -backend=false -input=false -no-color && terraform validate -no-color',
    image: { ref: 'hashicorp/terraform' },
    network: 'internet',
  },
  'follows naming conventions': {
    run: 'tflint --recursive --enable-rule=terraform_naming_convention',
    image: { ref: 'ghcr.io/terraform-linters/tflint' },
  },
  'includes variables.tf, outputs.tf': { files: ['**/variables.tf', '**/outputs.tf'] },
  'has readme.md': { files: ['README.md'] },
  'no critical vulnerabilities': { trivy: '**/trivy*.json', fail_on: 'critical' },
  'iam policies least privilege': { approval: {} },
  'encryption enabled': { sarif: '**/checkov*.sarif', fail_on: 'high' },
  'secrets properly managed': {
    run: 'gitleaks dir --no-banner --redact .',
    image: { ref: 'zricethezav/gitleaks' },
  },
  'unit tests pass': { junit: '**/{unit,junit}*.xml' },
  'integration tests pass': { junit: '**/integration*.xml' },
  'no regression detected': { junit: '**/{unit,junit,integration}*.xml', no_drop: true },
  'readme updated': { approval: {} },
  'examples provided': { files: ['examples/**'] },
  'api documented': { approval: {} },
  'runbooks created': { files: ['**/runbooks/**'] },
}

/** The authority of the framework for what nobody else is named for. */
const APPROVER_OF: Readonly<Record<string, string>> = { security_approved: 'CISO' }

/** What one line of `component_gates` asks for; a line that is not known is asked of a person as it stands. */
export function presetCondition(
  gate: string,
  line: string,
  people: Readonly<Record<string, string>>,
): ConditionInputs {
  const known = Object.hasOwn(LINES, key(line)) ? LINES[key(line)]! : { approval: {} }
  if (!('approval' in known)) return { ...known, title: line }
  const authority = Object.hasOwn(APPROVER_OF, gate) ? APPROVER_OF[gate]! : 'any'
  const by = Object.hasOwn(people, authority) ? authority : 'any'
  return { approval: { by, text: line } }
}

export function isPresetLine(line: string): boolean {
  return Object.hasOwn(LINES, key(line))
}

function key(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ').toLowerCase()
}

/** As people read it: `code_complete` is `Code complete`. */
export function presetTitle(gate: string): string {
  const words = gate.replaceAll(/[_-]+/g, ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
