import { defineWords } from '../words/language.ts'

export const words = defineWords(
  { loading: 'Loading …', retry: 'Try again', cancel: 'Cancel', close: 'Close', copied: 'Copied' },
  { loading: 'Đang tải …', retry: 'Thử lại', cancel: 'Hủy', close: 'Đóng', copied: 'Đã chép' },
)
