/** What the dialogs of incidents say. */
export const dialogWords = {
  en: {
    openDialog: {
      title: 'Open an incident',
      what: 'What is wrong',
      text: 'What you saw',
      severity: 'Severity',
      target: 'Target',
      noTarget: 'None, or not known',
      respond: (time: string) => `to be acknowledged within ${time}`,
      project: 'Project',
      submit: 'Open it',
      needTitle: 'Say what is wrong.',
    },
    closeDialog: {
      title: (id: string) => `Close ${id}?`,
      resolved: 'It is resolved. Its report and follow-ups stay here.',
      notResolved: 'It is not resolved: say why it is closed all the same.',
      reason: 'Why',
      submit: 'Close it',
    },
    mergeDialog: {
      title: (id: string) => `Merge ${id} into another`,
      text: 'It is the same trouble. Its alerts go on with the other one, and so does its history.',
      into: 'Into',
      none: 'There is no other open incident.',
      submit: 'Merge',
    },
    reviewDialog: {
      title: (id: string) => `What is known about ${id}`,
      submit: 'Keep',
    },
    reportDialog: {
      title: (id: string) => `Report of ${id}`,
      copy: 'Copy',
      save: 'Save …',
      copied: 'Report copied',
      draft: 'It goes on: this is how it reads so far.',
    },
    decideText: {
      plain: 'A run of it starts at once. The decision is on record with your name.',
      forward: 'Nothing is put back. You say when it is mended, and it is verified then.',
    },
  },
  vi: {
    openDialog: {
      title: 'Mở một sự cố',
      what: 'Có gì không ổn',
      text: 'Bạn đã thấy gì',
      severity: 'Mức độ',
      target: 'Đích',
      noTarget: 'Không có, hoặc chưa rõ',
      respond: (time: string) => `cần tiếp nhận trong ${time}`,
      project: 'Dự án',
      submit: 'Mở',
      needTitle: 'Hãy nói có gì không ổn.',
    },
    closeDialog: {
      title: (id: string) => `Đóng ${id}?`,
      resolved: 'Đã giải quyết. Báo cáo và việc theo dõi vẫn ở lại đây.',
      notResolved: 'Chưa giải quyết: hãy nói vì sao vẫn đóng.',
      reason: 'Lý do',
      submit: 'Đóng sự cố',
    },
    mergeDialog: {
      title: (id: string) => `Gộp ${id} vào sự cố khác`,
      text: 'Đó là cùng một trục trặc. Cảnh báo và lịch sử của nó tiếp tục ở sự cố kia.',
      into: 'Vào',
      none: 'Không có sự cố nào khác đang mở.',
      submit: 'Gộp',
    },
    reviewDialog: {
      title: (id: string) => `Những gì đã biết về ${id}`,
      submit: 'Lưu',
    },
    reportDialog: {
      title: (id: string) => `Báo cáo ${id}`,
      copy: 'Chép',
      save: 'Lưu …',
      copied: 'Đã chép báo cáo',
      draft: 'Vẫn đang tiếp diễn: đây là nội dung đến lúc này.',
    },
    decideText: {
      plain: 'Bắt đầu ngay và nằm trong lượt chạy mà nó tạo ra. Việc này được ghi lại cùng tên bạn.',
      forward: 'Không hoàn lại gì. Bạn báo khi đã sửa xong, rồi sẽ được kiểm chứng.',
    },
  },
} as const
