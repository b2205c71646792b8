import { defineWords } from '../words/language.ts'

export const words = defineWords(
  {
    showStep: (title: string) => `Show ${title} in its run`,
  },
  {
    showStep: (title: string) => `Xem ${title} trong lượt chạy`,
  },
)
