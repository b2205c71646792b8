import { query } from './database.ts'

export interface Product {
  readonly id: number
  readonly name: string
  readonly cents: number
}

export async function products(): Promise<readonly Product[]> {
  const found = await query("SELECT coalesce(json_agg(p ORDER BY id), '[]') FROM products p;")
  return found as readonly Product[]
}
