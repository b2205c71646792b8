import { usePreference } from '../state/preferences.ts'

/** The languages of the catalogue. Each folder keeps its words beside its code, in all of them. */
export const LANGUAGES = ['en', 'vi'] as const
export type Language = (typeof LANGUAGES)[number]

type Entry = string | ((...args: never[]) => string)
export type Words = { readonly [key: string]: Entry | Words }

/** The same keys, each a text or a function with the same arguments. */
export type Like<W> = {
  readonly [K in keyof W]: W[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : W[K] extends string
      ? string
      : Like<W[K]>
}

export type Catalogue<W> = Readonly<Record<Language, Like<W>>>

/** A missing or surplus word in either language is a type error. */
export function defineWords<const W extends Words>(en: W, vi: Like<W>): Catalogue<W> {
  return { en: en as unknown as Like<W>, vi }
}

export function useWords<W>(catalogue: Catalogue<W>): Like<W> {
  return catalogue[usePreference('language')]
}
