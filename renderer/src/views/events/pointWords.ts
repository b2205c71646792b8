import { defineWords } from '../../words/language.ts'

/** What happened to rollback points. `id`: such a point. */
export const pointSentences = defineWords(
  {
    made: (id: string, of: string) => (of === '' ? `${id} was kept` : `${id} was kept of ${of}`),
    pinned: (id: string) => `${id} is kept until somebody says otherwise`,
    unpinned: (id: string) => `${id} is kept as long as the policy says`,
    removed: {
      person: (id: string) => `${id} was removed`,
      number: (id: string) => `${id} was removed: there are newer ones`,
      age: (id: string) => `${id} was removed: it was too old`,
    },
    testedWell: (id: string, detail: string) => `${id} can be restored: ${detail}`,
    testedBadly: (id: string, detail: string) => `${id} cannot be restored: ${detail}`,
    copied: (id: string, to: string) => `${id} was copied to ${to}`,
    notCopied: (id: string, trouble: string) => `${id} could not be copied: ${trouble}`,
  },
  {
    made: (id: string, of: string) => (of === '' ? `đã giữ ${id}` : `đã giữ ${id} của ${of}`),
    pinned: (id: string) => `${id} được giữ cho đến khi có người nói khác`,
    unpinned: (id: string) => `${id} được giữ theo chính sách`,
    removed: {
      person: (id: string) => `${id} đã bị xóa`,
      number: (id: string) => `${id} đã bị xóa: có các điểm mới hơn`,
      age: (id: string) => `${id} đã bị xóa: quá cũ`,
    },
    testedWell: (id: string, detail: string) => `${id} khôi phục được: ${detail}`,
    testedBadly: (id: string, detail: string) => `${id} không khôi phục được: ${detail}`,
    copied: (id: string, to: string) => `${id} đã được chép sang ${to}`,
    notCopied: (id: string, trouble: string) => `${id} không chép được: ${trouble}`,
  },
)
