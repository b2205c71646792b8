import { defineWords } from '../../words/language.ts'

/** What happened to the health of agents and machine. `who`: a role, or nothing for all. */
export const healthSentences = defineWords(
  {
    bad: (who: string, what: string) => `${who}${what}`,
    well: (who: string, what: string) => `Well again: ${who}${what}`,
    expired: (who: string, measure: string) => `${who}nothing to judge ${measure} by any more`,
    fewer: (agents: number, why: string) =>
      `At most ${agents === 1 ? '1 agent' : `${agents} agents`} at once: ${why}`,
    all: (why: string) => `As many agents at once as wanted: ${why}`,
    paused: (what: string, why: string) => `${what} was paused: ${why}`,
    who: (role: string) => `${role}: `,
    measures: {
      agent_task_completion_rate: (value: string) => `${value} of tasks are completed`,
      agent_error_frequency: (value: string) => `${value} of attempts fail`,
      agent_response_latency: (value: string) => `agents take ${value} to begin`,
      host_memory_used: (value: string) => `memory is ${value} full`,
      host_load: (value: string) => `${value} programs want each core`,
      host_disk_free: (value: string) => `${value} are free on the disk`,
      host_runner_reachable: (value: string) =>
        value === '0' ? 'what runs agents does not answer' : 'what runs agents answers',
      target_memory_used: (value: string) => `its memory is ${value} full`,
      target_restarts: (value: string) =>
        value === '0 times'
          ? 'it does not break down any more'
          : `it broke down and was started again ${value}`,
      target_error_rate: (value: string) => `${value} of requests to it fail`,
    },
  },
  {
    bad: (who: string, what: string) => `${who}${what}`,
    well: (who: string, what: string) => `Đã ổn trở lại: ${who}${what}`,
    expired: (who: string, measure: string) => `${who}không còn gì để đánh giá ${measure}`,
    fewer: (agents: number, why: string) => `Nhiều nhất ${agents} agent cùng lúc: ${why}`,
    all: (why: string) => `Lại cho chạy đủ số agent: ${why}`,
    paused: (what: string, why: string) => `${what} đã bị tạm dừng: ${why}`,
    who: (role: string) => `${role}: `,
    measures: {
      agent_task_completion_rate: (value: string) => `${value} công việc hoàn thành`,
      agent_error_frequency: (value: string) => `${value} lần chạy thất bại`,
      agent_response_latency: (value: string) => `agent mất ${value} để bắt đầu`,
      host_memory_used: (value: string) => `bộ nhớ đã đầy ${value}`,
      host_load: (value: string) => `${value} chương trình chờ mỗi lõi`,
      host_disk_free: (value: string) => `đĩa còn trống ${value}`,
      host_runner_reachable: (value: string) =>
        value === '0' ? 'nơi chạy agent không trả lời' : 'nơi chạy agent trả lời',
      target_memory_used: (value: string) => `bộ nhớ của nó đã đầy ${value}`,
      target_restarts: (value: string) =>
        value === '0 times'
          ? 'nó không còn bị dừng đột ngột'
          : `nó đã dừng đột ngột và khởi động lại ${Number.parseInt(value, 10) || 1} lần`,
      target_error_rate: (value: string) => `${value} yêu cầu gửi đến nó thất bại`,
    },
  },
)
