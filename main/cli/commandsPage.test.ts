import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMMANDS_PAGE, commandsPage } from './commandsPage.ts'

test('docs/commands.md has every command (run "npm run commands")', () => {
  expect(readFileSync(COMMANDS_PAGE, 'utf8')).toBe(commandsPage())
})
