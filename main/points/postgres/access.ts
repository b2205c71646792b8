import { identifier, literal, type Session } from './psql.ts'

/** Values of these are lists. They are taken over as they stand: the owner of a database may have put anything there. */
const LISTS = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
])

/** Who may do what in a database, and its settings, are no part of a dump: `to` gets those of `from`. */
export async function copyAccess(session: Session, from: string, to: string): Promise<void> {
  for (const sql of [...(await grants(session, from, to)), ...(await settings(session, from, to))])
    await session.ask(sql)
}

async function grants(session: Session, from: string, to: string): Promise<readonly string[]> {
  const found = await session.ask(
    `SELECT json_build_array(privilege_type, CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END, is_grantable)
     FROM pg_database, aclexplode(datacl) WHERE datname = ${literal(from)}`,
  )
  if (found.length === 0) return []
  const given = found.map((line) => {
    const [privilege, role, grantable] = JSON.parse(line) as [string, string | null, boolean]
    const whom = role === null ? 'PUBLIC' : identifier(role)
    return `GRANT ${privilege} ON DATABASE ${identifier(to)} TO ${whom}${grantable ? ' WITH GRANT OPTION' : ''}`
  })
  return [`REVOKE ALL ON DATABASE ${identifier(to)} FROM PUBLIC`, ...given]
}

async function settings(session: Session, from: string, to: string): Promise<readonly string[]> {
  const found = await session.ask(
    `SELECT json_build_array(CASE setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(setrole) END, one)
     FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(setconfig) one
     WHERE d.datname = ${literal(from)}`,
  )
  return found.map((line) => {
    const [role, text] = JSON.parse(line) as [string | null, string]
    const at = text.indexOf('=')
    const [name, value] = [text.slice(0, at), text.slice(at + 1)]
    const database = identifier(to)
    const where =
      role === null ? `ALTER DATABASE ${database}` : `ALTER ROLE ${identifier(role)} IN DATABASE ${database}`
    const setting = `${where} SET ${name.split('.').map(identifier).join('.')}`
    if (!LISTS.has(name)) return `${setting} TO ${literal(value)}`
    const taken = `SELECT set_config(${literal(name)}, ${literal(value)}, true)`
    return ['BEGIN', taken, `${setting} FROM CURRENT`, 'COMMIT'].join('; ')
  })
}
