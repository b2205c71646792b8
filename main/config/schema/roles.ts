import { z } from 'zod'
import { Image, Name, Text, Texts } from './scalars.ts'

/** Roles as the seeds write them: a list with names, or the registry's map from name to role. */

const roleFields = {
  id: Name.optional().meta({ description: 'The registry id, such as agent-001.' }),
  role: Text.optional().meta({ description: 'What the role is for: Build & Compilation.' }),
  responsibilities: Texts.optional(),
  skills: Texts.optional().meta({ description: 'What tasks may ask for.' }),
  tier: z
    .int()
    .min(1)
    .max(99)
    .optional()
    .meta({ description: 'Registry tier, 1 is the coordination layer.' }),
  authority: Text.optional(),
  ownership: Texts.optional().meta({
    description: 'Globs and named resources the role owns; x/* is recursive.',
  }),
  dependencies: Texts.optional().meta({
    description: 'Roles that are asked and told; never edges of a run.',
  }),
  communication: z.union([Text, Texts]).optional().meta({ description: 'Whom the role may message.' }),
  capacity: z.int().min(1).max(10_000).optional().meta({ description: 'Agents of this role at once.' }),
  image: Image.optional(),
}

export const RoleEntry = z.strictObject(roleFields).meta({ id: 'Role' })
const NamedRoleEntry = z.strictObject({ name: Name, ...roleFields }).meta({ id: 'NamedRole' })

export const RoleList = z.array(NamedRoleEntry)
export const RoleMap = z.record(Name, RoleEntry)
export const Agents = z.union([RoleList, RoleMap])
