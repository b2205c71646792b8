import type { ConflictAction } from '../domain/conflicts/conflict.ts'

/** What is told outside of the window, in the languages the pages have. */
export interface NoticeWords {
  readonly needYou: (count: number) => string
  readonly done: (run: string) => string
  readonly failed: (run: string) => string
  readonly needsYou: (run: string) => string
  readonly severalDone: (count: number) => string
  readonly severalFailed: (count: number) => string
  readonly doneBody: (tasks: number, time: string) => string
  readonly choices: Readonly<Record<string, string>>
  /** `more`: other files it is about too. */
  readonly conflict: (file: string, more: number) => string
  readonly conflictActions: Readonly<Record<ConflictAction, string>>
  readonly incident: {
    readonly acknowledge: string
    /** Leads to what would happen. */
    readonly rollBack: string
    readonly approve: (remedy: string) => string
  }
  readonly and: string
  /** In the field for an answer in words. */
  readonly yourAnswer: string
}

const ENGLISH: NoticeWords = {
  needYou: (count) => `${count} ${count === 1 ? 'needs' : 'need'} you`,
  done: (run) => `${run} is done`,
  failed: (run) => `${run} failed`,
  needsYou: (run) => `${run} needs you`,
  severalDone: (count) => `${count} runs are done`,
  severalFailed: (count) => `${count} runs failed`,
  doneBody: (tasks, time) => `${tasks} ${tasks === 1 ? 'task' : 'tasks'} in ${time}`,
  choices: {
    retry: 'Retry',
    skip: 'Skip',
    fail: 'Let it fail',
    'skip-check': 'Merge without a check',
    apply: 'Apply again',
    discard: 'Discard',
    transfer: 'Hand over as it is',
    withdraw: 'Withdraw',
    approve: 'Approve',
    reject: 'Reject',
    evaluate: 'Look again',
  },
  conflict: (file, more) => `Conflict: ${file}${more > 0 ? ` and ${more} more` : ''}`,
  conflictActions: {
    wait: 'One goes first',
    terminate: 'Stop one',
    merge: 'Both go on',
    split: 'Give one the files',
    allow: 'Let it',
    discard: 'Set its changes aside',
    dismiss: 'Nothing to settle',
  },
  incident: {
    acknowledge: 'Acknowledge',
    rollBack: 'Roll back …',
    approve: (remedy) => `Approve: ${remedy}`,
  },
  and: ' and ',
  yourAnswer: 'Your answer',
}

const VIETNAMESE: NoticeWords = {
  needYou: (count) => `${count} việc cần bạn`,
  done: (run) => `${run} đã xong`,
  failed: (run) => `${run} thất bại`,
  needsYou: (run) => `${run} cần bạn`,
  severalDone: (count) => `${count} lượt chạy đã xong`,
  severalFailed: (count) => `${count} lượt chạy thất bại`,
  doneBody: (tasks, time) => `${tasks} tác vụ trong ${time}`,
  choices: {
    retry: 'Thử lại',
    skip: 'Bỏ qua',
    fail: 'Để thất bại',
    'skip-check': 'Gộp không kiểm tra',
    apply: 'Áp dụng lại',
    discard: 'Bỏ đi',
    transfer: 'Vẫn chuyển như hiện tại',
    withdraw: 'Rút lại',
    approve: 'Phê duyệt',
    reject: 'Từ chối',
    evaluate: 'Xem lại',
  },
  conflict: (file, more) => `Xung đột: ${file}${more > 0 ? ` và ${more} tệp nữa` : ''}`,
  conflictActions: {
    wait: 'Một bên đi trước',
    terminate: 'Dừng một bên',
    merge: 'Cả hai làm tiếp',
    split: 'Giao tệp cho một bên',
    allow: 'Cho phép',
    discard: 'Để riêng thay đổi',
    dismiss: 'Không cần giải quyết',
  },
  incident: {
    acknowledge: 'Tiếp nhận',
    rollBack: 'Quay lại …',
    approve: (remedy) => `Phê duyệt: ${remedy}`,
  },
  and: ' và ',
  yourAnswer: 'Câu trả lời của bạn',
}

export const NOTICE_WORDS = { en: ENGLISH, vi: VIETNAMESE } as const
