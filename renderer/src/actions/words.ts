import { defineWords } from '../words/language.ts'

export const words = defineWords(
  {
    pause: 'Pause all',
    continue: 'Continue',
    stop: 'Stop run',
    stopNow: 'Stop run at once',
    apply: 'Apply',
    discard: 'Discard work',
    diff: 'Show changes',
    again: 'Start again',
    rollback: 'Roll back …',
    nothingToRollBack: 'It released nothing that can be taken back.',
    stopAgent: 'Stop',
    stopAgentNow: 'Stop at once',
    pauseAgent: 'Pause',
    continueAgent: 'Continue',
    retry: 'Retry',
    skip: 'Skip',
    rerun: 'Run again',
    releaseLocks: 'Take its locks',
    terminal: 'Terminal',
    copyName: 'Copy name',
    notConnected: 'The engine is away; it is being looked for.',
    already: 'That is so already.',
    noWork: 'This run changed nothing.',
    noProject: 'Its project is not known here.',
    stopQuestion: (name: string) => `Stop ${name}?`,
    stopText: (agents: number) =>
      agents === 0
        ? 'No agent is at work. Tasks that have not begun are cancelled; finished work is kept.'
        : `${agents === 1 ? 'One agent is' : `${agents} agents are`} at work and will be asked to end. Tasks that have not begun are cancelled; finished work is kept.`,
    stopNowText: 'Agents are killed at once; what they have not finished is lost. Finished work is kept.',
    applyQuestion: (name: string) => `Apply ${name} to your repository?`,
    applyText: (root: string) =>
      `Its commits are merged into the branch that is checked out in ${root}. Nothing is written if that branch has moved in a way that clashes.`,
    discardQuestion: (name: string) => `Discard the work of ${name}?`,
    discardText:
      'Its commits are removed for good. Your repository is not touched; the log and the output are kept.',
    skipQuestion: (name: string) => `Skip ${name}?`,
    skipText: 'Its dependents start as if it were done. This is on record with your name.',
    releaseQuestion: (name: string) => `Take the locks of ${name}?`,
    releaseText: (locks: string, waiting: number) =>
      `${locks === '' ? 'It holds nothing yet and only gives up its place in the line.' : `It loses ${locks} at once.`} Its agent is stopped, and nothing it still makes is merged. ${waiting === 0 ? 'Nobody waits for it now.' : `${waiting === 1 ? 'One agent waits' : `${waiting} agents wait`} for it and can go on.`}`,
    started: (name: string) => `${name} started`,
    copied: (name: string) => `Copied ${name}`,
  },
  {
    pause: 'Tạm dừng tất cả',
    continue: 'Tiếp tục',
    stop: 'Dừng lượt chạy',
    stopNow: 'Dừng ngay lập tức',
    apply: 'Áp dụng',
    discard: 'Bỏ kết quả',
    diff: 'Xem thay đổi',
    again: 'Chạy lại từ đầu',
    rollback: 'Quay lại …',
    nothingToRollBack: 'Nó không phát hành gì có thể quay lại.',
    stopAgent: 'Dừng',
    stopAgentNow: 'Dừng ngay',
    pauseAgent: 'Tạm dừng',
    continueAgent: 'Tiếp tục',
    retry: 'Thử lại',
    skip: 'Bỏ qua',
    rerun: 'Chạy lại',
    releaseLocks: 'Lấy lại khóa',
    terminal: 'Cửa sổ lệnh',
    copyName: 'Chép tên',
    notConnected: 'Mất kết nối với bộ điều phối; đang kết nối lại.',
    already: 'Đã như vậy rồi.',
    noWork: 'Lượt chạy này không thay đổi gì.',
    noProject: 'Không biết dự án của nó ở đây.',
    stopQuestion: (name: string) => `Dừng ${name}?`,
    stopText: (agents: number) =>
      agents === 0
        ? 'Không có tác tử nào đang làm việc. Tác vụ chưa bắt đầu sẽ bị hủy; kết quả đã xong được giữ lại.'
        : `${agents} tác tử đang làm việc sẽ được yêu cầu kết thúc. Tác vụ chưa bắt đầu sẽ bị hủy; kết quả đã xong được giữ lại.`,
    stopNowText: 'Các tác tử bị kết thúc ngay; phần chưa xong sẽ mất. Kết quả đã xong được giữ lại.',
    applyQuestion: (name: string) => `Áp dụng ${name} vào kho mã của bạn?`,
    applyText: (root: string) =>
      `Các commit được gộp vào nhánh đang mở tại ${root}. Không ghi gì nếu nhánh đó đã thay đổi gây xung đột.`,
    discardQuestion: (name: string) => `Bỏ kết quả của ${name}?`,
    discardText:
      'Các commit bị xóa vĩnh viễn. Kho mã của bạn không bị động tới; nhật ký và đầu ra được giữ lại.',
    skipQuestion: (name: string) => `Bỏ qua ${name}?`,
    skipText: 'Các tác vụ phụ thuộc bắt đầu như thể nó đã xong. Việc này được ghi lại cùng tên bạn.',
    releaseQuestion: (name: string) => `Lấy lại khóa của ${name}?`,
    releaseText: (locks: string, waiting: number) =>
      `${locks === '' ? 'Nó chưa giữ gì và chỉ mất chỗ trong hàng chờ.' : `Nó mất ngay ${locks}.`} Tác tử của nó bị dừng, và những gì nó còn làm ra sẽ không được gộp. ${waiting === 0 ? 'Hiện không ai chờ nó.' : `${waiting} tác tử đang chờ nó và có thể tiếp tục.`}`,
    started: (name: string) => `Đã bắt đầu ${name}`,
    copied: (name: string) => `Đã chép ${name}`,
  },
)
