import { identifier, literal, type Session } from './psql.ts'

/** Values of these are lists, and quoted as they are. */
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
    const [role, setting] = JSON.parse(line) as [string | null, string]
    const at = setting.indexOf('=')
    const [name, value] = [setting.slice(0, at), setting.slice(at + 1)]
    const what = `SET ${name.split('.').map(identifier).join('.')} TO ${LISTS.has(name) ? value || "''" : literal(value)}`
    const database = identifier(to)
    return role === null
      ? `ALTER DATABASE ${database} ${what}`
      : `ALTER ROLE ${identifier(role)} IN DATABASE ${database} ${what}`
  })
}
