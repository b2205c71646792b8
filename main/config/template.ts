import { fileURLToPath } from 'node:url'

/** The JSON schema that ships with the program. */
export const SCHEMA_FILE = fileURLToPath(
  new URL('../../resources/schemas/amphitheatre.v1.schema.json', import.meta.url),
)

/**
 * A first project file, valid as it is, which explains itself. `schema` is where an editor finds the JSON schema: a
 * path relative to the file, or a URL.
 */
export function initTemplate(name: string, schema = './amphitheatre.v1.schema.json'): string {
  return `# yaml-language-server: $schema=${schema}
# An Amphitheatre project. Check it with "amphi validate amphitheatre.yaml", run it with "amphi run first".
# Keys that start with "x-" are yours.
version: 1
name: ${name}

# auto takes Docker where it answers. Every agent gets a container and a copy of the code of its own.
runner: auto
image: amphitheatre/agent # or {build: path/to/folder}; an agent or a task may have its own

limits:
  max_concurrent_agents: 4
  max_runtime: 10 minutes # running time of one agent; waiting does not count

# Six roles to begin with: BuildMaster, TestGuardian, DeployCommander, DatabaseArchitect, MonitoringSentinel,
# BackupKeeper. The other preset is terraform-platform. Agents listed below join them, or override one by name.
extends: amphitheatre-devops

agents:
  - name: Reviewer
    role: Code Review
    responsibilities:
      - Look at what changed
    skills: [git]

epics:
  first:
    title: A first run
    phases:
      # A phase starts when the one before has settled. Its tasks run side by side (parallel), one after the other
      # (sequential), or as their needs allow (tasks).
      - name: Look
        parallel:
          - id: count-files
            agent: BuildMaster
            # Lines of the form name=value in this file can be read by later tasks.
            run: echo "files=$(git ls-files | wc -l)" >> "$AMPHITHEATRE_OUTPUT"
            timeout: 5 minutes
          - id: latest-changes
            skills: [git] # any agent with this skill
            run: git log --oneline -n 10
            retry: 1 # two attempts in all
      - name: Write
        tasks:
          - id: report
            agent: Reviewer
            needs: [count-files]
            # Only what a task names here is committed, on a branch of the run: nothing of yours changes
            # before "amphi apply".
            writes: [REPORT.md]
            run: echo "This repository has \${tasks.count-files.outputs.files} files." > REPORT.md
`
}
