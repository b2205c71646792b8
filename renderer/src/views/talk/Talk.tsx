import type { ReactNode } from 'react'
import { Loading } from '../../ui/Notice.tsx'

export function Talk(): ReactNode {
  return <Loading />
}
