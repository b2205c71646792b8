/** What is in the database of a target that is measured: two tables, of so many rows the larger one. */
export interface BenchData {
  readonly name: string
  readonly rows: number
}

/** About 6 MB. */
const QUICK_ROWS = 40_000
/** About 100 MB. */
const ROWS = 640_000

export function benchData(quick: boolean): BenchData {
  return { name: 'shop', rows: quick ? QUICK_ROWS : ROWS }
}

/** As whom a migration makes its tables, too: the owner of the database. */
export function fill({ rows }: BenchData): string {
  return `SET ROLE owner;
    CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, since date NOT NULL);
    CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, what text NOT NULL, at timestamptz NOT NULL);
    INSERT INTO customers SELECT n, 'customer ' || n, date '2020-01-01' + n % 2000 FROM generate_series(1, ${Math.ceil(rows / 20)}) n;
    INSERT INTO orders SELECT n, n % ${Math.ceil(rows / 20)} + 1, md5(n::text) || md5((n * 7)::text), timestamptz '2024-01-01' + n * interval '13 s'
      FROM generate_series(1, ${rows}) n;
    RESET ROLE; VACUUM ANALYZE;`
}

/** What comes after the point: gone after the way back, and kept beside. */
export function more({ rows }: BenchData): string {
  return `SET ROLE owner; INSERT INTO orders SELECT n, 1, 'since', now() FROM generate_series(${rows + 1}, ${rows + 100}) n;`
}
