/** Writes docs/commands.md from the program's own commands: run it after changing those. */
import { writeFileSync } from 'node:fs'
import { COMMANDS_PAGE, commandsPage } from '../main/cli/commandsPage.ts'

writeFileSync(COMMANDS_PAGE, commandsPage())
console.log(`wrote ${COMMANDS_PAGE}`)
