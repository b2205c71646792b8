import { z } from 'zod'

// Imported before any schema is made: compiled schemas need eval, which the pages' policy forbids.
z.config({ jitless: true })
