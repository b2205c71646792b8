/** What all runners promise of commands run beside an agent. */

/** So much of the end of a command's output is kept, bytes. */
export const MAX_COMMAND_OUTPUT = 64 * 1024
/** Exit code of a command that took too long, as `timeout` has it. */
export const TIMED_OUT_EXIT = 124
