import type { ReactNode } from 'react'
import { Loading } from '../../ui/Notice.tsx'

export function Projects(): ReactNode {
  return <Loading />
}
