/** What happened to places releases go to. */
export const targetSentences = {
  en: {
    declared: (target: string) => `${target} is a target of this project`,
    busy: (target: string, by: string) => `${by} works on ${target}`,
    free: (target: string) => `nobody works on ${target} any more`,
    released: (target: string, version: string, by: string) => `${by} released ${version} at ${target}`,
    takenDown: (target: string) => `${target} was taken down; its data are kept`,
    takenDownWithData: (target: string) => `${target} was taken down, with its data`,
    forgotten: (target: string) => `${target} is no target any more`,
    states: {
      unknown: (target: string, why: string) => `how ${target} is, is not known: ${why}`,
      healthy: (target: string, _: string) => `${target} is healthy`,
      unverified: (target: string, _: string) => `${target} was not verified yet`,
      unhealthy: (target: string, why: string) => `${target} is not healthy: ${why}`,
      half: (target: string, why: string) => `${target} was left half done: ${why}`,
    },
  },
  vi: {
    declared: (target: string) => `${target} là một đích triển khai của dự án này`,
    busy: (target: string, by: string) => `${by} đang làm việc trên ${target}`,
    free: (target: string) => `không còn ai làm việc trên ${target}`,
    released: (target: string, version: string, by: string) => `${by} đã phát hành ${version} lên ${target}`,
    takenDown: (target: string) => `${target} đã được gỡ xuống; dữ liệu vẫn được giữ`,
    takenDownWithData: (target: string) => `${target} đã được gỡ xuống, cùng với dữ liệu`,
    forgotten: (target: string) => `${target} không còn là đích triển khai`,
    states: {
      unknown: (target: string, why: string) => `không rõ tình trạng của ${target}: ${why}`,
      healthy: (target: string, _: string) => `${target} hoạt động tốt`,
      unverified: (target: string, _: string) => `${target} chưa được kiểm chứng`,
      unhealthy: (target: string, why: string) => `${target} không ổn: ${why}`,
      half: (target: string, why: string) => `${target} đang dở dang: ${why}`,
    },
  },
} as const
