import { defineWords } from '../../words/language.ts'

export const takeDownWords = defineWords(
  {
    takeDown: 'Take down …',
    title: (target: string) => `Take ${target} down?`,
    text: (what: string) =>
      `${what} is stopped, and its containers and networks are removed: nobody is answered any more. A rollback point is made before.`,
    what: 'What is there',
    keeps: 'Its data are kept: the next deployment finds them.',
    data: 'Remove its data, too',
    dataText:
      'The volume of its database is removed. Only the rollback point that is made before still has what was in it.',
    type: (target: string) => `Type ${target} to take it down`,
    wrong: 'Its name is to be typed.',
    submit: 'Take down',
    forget: 'Forget',
    forgetQuestion: (target: string) => `Forget ${target}?`,
    forgetText:
      'It leaves the records, with its releases. Its rollback points stay until they are removed, but there is nowhere to go back to with them. A run that names it brings it back.',
    forgotten: (target: string) => `${target} is no target any more`,
    aside: 'put aside',
    asideNot: 'cannot be seen now',
    asideAt: (time: string) => `${time} ago`,
    completes: (point: string) => `completes ${point}`,
    outdated: 'goes with the next point',
    drop: 'Drop …',
    dropOf: (name: string) => `Drop ${name} …`,
    dropQuestion: (name: string) => `Drop ${name}?`,
    dropText: (size: string) => `It was put aside by a rollback, and nothing brings it back (${size}).`,
    dropNeeded: (point: string) =>
      `It has what was written after ${point} was made and before the hold, and nothing else has that: going back to ${point} would lack it.`,
    dropped: (name: string) => `${name} is being dropped`,
    dropIt: 'Drop',
  },
  {
    takeDown: 'Gỡ xuống …',
    title: (target: string) => `Gỡ ${target} xuống?`,
    text: (what: string) =>
      `${what} bị dừng, các container và mạng của nó bị xóa: không còn ai được trả lời. Trước đó một điểm khôi phục được tạo.`,
    what: 'Những gì đang ở đó',
    keeps: 'Dữ liệu được giữ lại: lần triển khai sau sẽ thấy chúng.',
    data: 'Xóa cả dữ liệu',
    dataText:
      'Volume của cơ sở dữ liệu bị xóa. Chỉ điểm khôi phục được tạo trước đó còn giữ những gì từng ở trong.',
    type: (target: string) => `Gõ ${target} để gỡ xuống`,
    wrong: 'Cần gõ đúng tên của nó.',
    submit: 'Gỡ xuống',
    forget: 'Quên',
    forgetQuestion: (target: string) => `Quên ${target}?`,
    forgetText:
      'Nó rời khỏi hồ sơ cùng các bản phát hành. Các điểm khôi phục vẫn còn cho đến khi bị xóa, nhưng không còn nơi nào để quay lại. Một lượt chạy nêu tên nó sẽ đưa nó trở lại.',
    forgotten: (target: string) => `${target} không còn là đích triển khai`,
    aside: 'để sang bên',
    asideNot: 'hiện không xem được',
    asideAt: (time: string) => `${time} trước`,
    completes: (point: string) => `bổ sung cho ${point}`,
    outdated: 'sẽ bị bỏ khi tạo điểm tiếp theo',
    drop: 'Bỏ …',
    dropOf: (name: string) => `Bỏ ${name} …`,
    dropQuestion: (name: string) => `Bỏ ${name}?`,
    dropText: (size: string) =>
      `Một lần quay lại đã để nó sang bên, và không gì đưa nó trở lại được (${size}).`,
    dropNeeded: (point: string) =>
      `Nó có những gì được ghi sau khi ${point} được tạo và trước khi giữ đích, không nơi nào khác có: quay lại ${point} sẽ thiếu chúng.`,
    dropped: (name: string) => `đang bỏ ${name}`,
    dropIt: 'Bỏ',
  },
)
