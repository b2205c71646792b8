import { defineWords } from '../../words/language.ts'

/** What happened to what is run by the clock. */
export const scheduleSentences = defineWords(
  {
    declared: (name: string, cron: string, zone: string) => `${name} is scheduled: ${cron} (${zone})`,
    removed: (name: string) => `${name} is not scheduled any more`,
    troubled: (detail: string, remedy: string) => `Schedules cannot be read: ${detail} ${remedy}`,
    readable: 'Schedules can be read again',
    fired: (name: string) => `${name} was due and began`,
    skipped: {
      missed: (name: string) => `${name} was left out: the program was off when it was due`,
      overlap: (name: string) => `${name} was left out: the run before was still under way`,
      person: (name: string) => `${name} was left out: a person said so`,
    },
    waits: {
      ask: (name: string) => `${name} was due while the program was off; run it or leave it out`,
      overlap: (name: string) => `${name} waits for the run before`,
      trouble: (name: string, detail: string, remedy: string) => `${name} cannot begin: ${detail} ${remedy}`,
      approved: (name: string) => `${name} is to be run after all`,
      now: (name: string) => `${name} is to be run now`,
    },
  },
  {
    declared: (name: string, cron: string, zone: string) => `${name} được lên lịch: ${cron} (${zone})`,
    removed: (name: string) => `${name} không còn được lên lịch`,
    troubled: (detail: string, remedy: string) => `Không đọc được lịch: ${detail} ${remedy}`,
    readable: 'Lại đọc được lịch',
    fired: (name: string) => `${name} đến giờ và đã bắt đầu`,
    skipped: {
      missed: (name: string) => `${name} bị bỏ qua: chương trình đã tắt khi đến giờ`,
      overlap: (name: string) => `${name} bị bỏ qua: lượt trước vẫn đang chạy`,
      person: (name: string) => `${name} bị bỏ qua theo ý người dùng`,
    },
    waits: {
      ask: (name: string) => `${name} đến giờ khi chương trình đã tắt; hãy chạy hoặc bỏ qua`,
      overlap: (name: string) => `${name} chờ lượt trước`,
      trouble: (name: string, detail: string, remedy: string) =>
        `${name} không bắt đầu được: ${detail} ${remedy}`,
      approved: (name: string) => `${name} vẫn sẽ được chạy`,
      now: (name: string) => `${name} sẽ được chạy ngay`,
    },
  },
)
