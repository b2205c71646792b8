import type { ReactNode } from 'react'
import { Loading } from '../../ui/Notice.tsx'

export function Graph(): ReactNode {
  return <Loading />
}
