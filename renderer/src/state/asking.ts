export { isAsking } from '../../../main/notices/needs.ts'
