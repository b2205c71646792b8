import { once } from 'node:events'
import { MIGRATIONS } from '../migrations/index.ts'
import { openSqliteStore } from '../sqliteStore.ts'

/** Opens the file it is given at a signal, with a second migration that fails if it is done twice; says its shape. */
const second = {
  number: 2,
  name: 'second',
  up: (db: { exec(sql: string): unknown }) =>
    void db.exec('CREATE TABLE once (x); INSERT INTO once VALUES (1)'),
}
console.log('ready')
await once(process.stdin, 'data')
const store = await openSqliteStore({ file: process.argv[2]!, migrations: [...MIGRATIONS, second] })
console.log(`sound: ${(await store.integrityCheck()).length === 0}`)
await store.close()
process.stdin.destroy()
