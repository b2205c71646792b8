import { defineWords } from '../../words/language.ts'

/** What happened to agents that were started by hand. `of`: such an agent. */
export const registeredSentences = defineWords(
  {
    added: (of: string, name: string, files: string) =>
      files === ''
        ? `${of}, “${name}”, was registered by hand`
        : `${of}, “${name}”, was registered by hand for ${files}`,
    waiting: (of: string) => `${of} is to begin`,
    blocked: (of: string, behind: string) =>
      behind === '' ? `${of} waits for its locks` : `${of} waits for its locks: ${behind} has them`,
    unblocked: (of: string) => `${of} has its locks`,
    started: (of: string) => `${of} is at work`,
    conflicted: (of: string, conflict: string) => `${of} wrote what another holds: conflict ${conflict}`,
    reconciled: (of: string) => `${of} goes on, its conflict is settled`,
    renewed: (of: string) => `${of} gave a sign of life`,
    stopAsked: (of: string, by: string) => `${by} asked ${of} to come to an end`,
    timedOut: (of: string, limit: string) => `${of} is over its limit of ${limit}`,
    completing: (of: string) => `${of} finishes`,
    committed: (of: string, commit: string) => `${of} finishes with commit ${commit}`,
    completed: (of: string) => `${of} is done and gave its locks back`,
    terminated: (of: string, cause: string) => `${of} is over: ${cause}`,
    signalled: (of: string) => `the process of ${of} was told to end`,
  },
  {
    added: (of: string, name: string, files: string) =>
      files === ''
        ? `${of}, “${name}”, được đăng ký bằng tay`
        : `${of}, “${name}”, được đăng ký bằng tay cho ${files}`,
    waiting: (of: string) => `${of} sắp bắt đầu`,
    blocked: (of: string, behind: string) =>
      behind === '' ? `${of} chờ khóa` : `${of} chờ khóa: ${behind} đang giữ`,
    unblocked: (of: string) => `${of} đã có khóa`,
    started: (of: string) => `${of} đang làm việc`,
    conflicted: (of: string, conflict: string) => `${of} đã ghi vào tệp người khác giữ: xung đột ${conflict}`,
    reconciled: (of: string) => `${of} tiếp tục, xung đột đã được giải quyết`,
    renewed: (of: string) => `${of} còn hoạt động`,
    stopAsked: (of: string, by: string) => `${by} yêu cầu ${of} kết thúc`,
    timedOut: (of: string, limit: string) => `${of} vượt giới hạn ${limit}`,
    completing: (of: string) => `${of} đang hoàn tất`,
    committed: (of: string, commit: string) => `${of} hoàn tất với commit ${commit}`,
    completed: (of: string) => `${of} đã xong và trả khóa`,
    terminated: (of: string, cause: string) => `${of} đã kết thúc: ${cause}`,
    signalled: (of: string) => `tiến trình của ${of} được yêu cầu kết thúc`,
  },
)
