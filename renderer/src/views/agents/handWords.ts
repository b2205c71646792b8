import { defineWords } from '../../words/language.ts'

export const handWords = defineWords(
  {
    title: 'Started by hand',
    states: {
      REGISTERED: 'registered',
      WAITING: 'waits for its turn',
      BLOCKED: 'blocked',
      RUNNING: 'at work',
      COMPLETING: 'completing',
      TIMEOUT: 'over its time',
      CONFLICT: 'in a conflict',
      COMPLETED: 'completed',
      TERMINATED: 'terminated',
    },
    waits: (what: string, behind: string) => `waits for ${what}: ${behind} comes first`,
    quiet: (minutes: number) => `no sign of life for ${minutes} m`,
    stop: (id: string) => `Stop ${id}`,
    stopQuestion: (id: string) => `Stop ${id}?`,
    stopText:
      'It is asked to come to an end, and its process is told so where that is known. What it holds is free once it has ended; its files stay as they are.',
    already: 'That is so already.',
    notConnected: 'The engine is away; it is being looked for.',
  },
  {
    title: 'Khởi động bằng tay',
    states: {
      REGISTERED: 'đã đăng ký',
      WAITING: 'chờ đến lượt',
      BLOCKED: 'bị khóa',
      RUNNING: 'đang làm việc',
      COMPLETING: 'đang kết thúc',
      TIMEOUT: 'quá giờ',
      CONFLICT: 'đang xung đột',
      COMPLETED: 'đã xong',
      TERMINATED: 'đã dừng',
    },
    waits: (what: string, behind: string) => `chờ ${what}: ${behind} đến trước`,
    quiet: (minutes: number) => `${minutes} phút không có dấu hiệu hoạt động`,
    stop: (id: string) => `Dừng ${id}`,
    stopQuestion: (id: string) => `Dừng ${id}?`,
    stopText:
      'Nó được yêu cầu kết thúc, và tiến trình của nó được báo nếu biết. Những gì nó giữ sẽ trống khi nó kết thúc; các tệp của nó giữ nguyên.',
    already: 'Đã như vậy rồi.',
    notConnected: 'Mất kết nối với bộ điều phối; đang kết nối lại.',
  },
)
