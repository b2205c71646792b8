import { defineWords } from '../../words/language.ts'

/** What was measured of the target an incident is about. */
export const measuredWords = defineWords(
  {
    title: (target: string) => `Measured at ${target}`,
    measures: {
      target_error_rate: 'requests that fail',
      target_response_latency: 'time to answer',
      target_memory: 'memory',
      target_memory_used: 'memory, share of its limit',
    },
    from: (most: string, now: string) => `${most} at most → ${now}`,
    chart: (name: string, most: string, now: string) => `${name}: at most ${most}, last ${now}`,
    none: 'not measured',
    marks: {
      release: (what: string) => `release ${what}`,
      opened: (severity: string) => `${severity} opened`,
      remedy: () => 'remedy',
      resolved: () => 'resolved',
    },
  },
  {
    title: (target: string) => `Đo được tại ${target}`,
    measures: {
      target_error_rate: 'yêu cầu thất bại',
      target_response_latency: 'thời gian trả lời',
      target_memory: 'bộ nhớ',
      target_memory_used: 'bộ nhớ, phần của giới hạn',
    },
    from: (most: string, now: string) => `cao nhất ${most} → ${now}`,
    chart: (name: string, most: string, now: string) => `${name}: cao nhất ${most}, gần nhất ${now}`,
    none: 'chưa đo',
    marks: {
      release: (what: string) => `phát hành ${what}`,
      opened: (severity: string) => `mở ${severity}`,
      remedy: () => 'khắc phục',
      resolved: () => 'đã giải quyết',
    },
  },
)
