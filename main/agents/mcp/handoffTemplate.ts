/** The framework's hand-off template, empty; `handoffText` reads it and says so where it was not filled in. */
export const HANDOFF_TEMPLATE = `# Task Handoff: <what it is>

## To: <agent, task or role>

### Completed Work
- <what is done>

### Artifacts
- Path: <path of a file>
- Type: <code, config or doc>
- Status: <final or draft>

### Known Issues
- <an issue, or "none">

### Dependencies
- <what it needs, or "none">

### Success Criteria
- <how to see that it works>

### Notes
`
