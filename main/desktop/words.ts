import type { ViewName } from '../../preload/contract.ts'
import { NOTICE_WORDS, type NoticeWords } from '../notices/words.ts'

/** What the desktop says outside of the pages, in the languages the pages have. */
export interface Words extends NoticeWords {
  readonly open: string
  readonly pauseAll: string
  readonly continueAll: string
  readonly stop: string
  readonly quit: string
  readonly idle: string
  readonly away: string
  readonly running: (agents: number) => string
  readonly stopping: (agents: number) => string
  readonly stays: { readonly title: string; readonly body: string }
  readonly stopAsk: {
    readonly message: (agents: number) => string
    readonly detail: string
    readonly stop: string
    readonly cancel: string
  }
  readonly quitAsk: {
    readonly message: (agents: number) => string
    readonly detail: string
    readonly stop: string
    readonly leave: string
    readonly cancel: string
  }
  readonly stillStopping: {
    readonly message: string
    readonly detail: string
    readonly wait: string
    readonly leave: string
  }
  readonly hung: {
    readonly message: string
    readonly detail: string
    readonly wait: string
    readonly reload: string
  }
  readonly crashed: {
    readonly message: string
    readonly detail: (reason: string) => string
    readonly again: string
    readonly quit: string
  }
  readonly menu: {
    readonly file: string
    readonly edit: string
    readonly view: string
    readonly go: string
    readonly window: string
    readonly help: string
    readonly openProject: string
    readonly newest: string
    readonly dataFolder: string
  }
  readonly views: Readonly<Record<ViewName, string>>
}

const agents = (count: number): string => `${count} ${count === 1 ? 'agent' : 'agents'}`

const ENGLISH: Words = {
  ...NOTICE_WORDS.en,
  open: 'Open Amphitheatre',
  pauseAll: 'Pause all',
  continueAll: 'Continue all',
  stop: 'Stop …',
  quit: 'Quit Amphitheatre',
  idle: 'Nothing is running',
  away: 'The engine is away',
  running: (count) => `${agents(count)} running`,
  stopping: (count) => `Stopping ${agents(count)} …`,
  stays: {
    title: 'Amphitheatre goes on',
    body: 'Agents go on working. Open the window again or quit from the tray.',
  },
  stopAsk: {
    message: (count) => (count === 0 ? 'Stop all runs?' : `Stop ${agents(count)}?`),
    detail: 'All runs that are under way end here. What their tasks have merged is kept.',
    stop: 'Stop',
    cancel: 'Go on',
  },
  quitAsk: {
    message: (count) => `${count === 1 ? '1 agent is' : `${count} agents are`} at work.`,
    detail:
      'Stopped agents end now and their runs with them. Agents left at work go on without the program, which takes them up again at its next start.',
    stop: 'Stop agents',
    leave: 'Leave them at work',
    cancel: 'Cancel',
  },
  stillStopping: {
    message: 'Agents are still stopping.',
    detail:
      'The program ends by itself once they have. Left as they are, they are taken up at its next start.',
    wait: 'Wait',
    leave: 'Leave them and quit',
  },
  hung: {
    message: 'The window does not answer.',
    detail: 'Agents go on. Loading the window again loses nothing.',
    wait: 'Wait',
    reload: 'Load again',
  },
  crashed: {
    message: 'The window keeps failing.',
    detail: (reason) => `It ended several times in a row (${reason}). Agents go on, and nothing is lost.`,
    again: 'Try again',
    quit: 'Quit',
  },
  menu: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    go: 'Go',
    window: 'Window',
    help: 'Help',
    openProject: 'Projects …',
    newest: 'What needs you',
    dataFolder: 'Show the data folder',
  },
  views: {
    house: 'House',
    graph: 'Graph',
    agents: 'Agents and terminals',
    talk: 'Conversations',
    queue: 'Queue',
    runs: 'Runs',
    timeline: 'Timeline',
    locks: 'Locks',
    conflicts: 'Conflicts',
    incidents: 'Incidents',
    releases: 'Releases',
    health: 'Health',
    context: 'Context',
    events: 'Event log',
    projects: 'Projects',
  },
}

const VIETNAMESE: Words = {
  ...NOTICE_WORDS.vi,
  open: 'Mở Amphitheatre',
  pauseAll: 'Tạm dừng tất cả',
  continueAll: 'Tiếp tục tất cả',
  stop: 'Dừng …',
  quit: 'Thoát Amphitheatre',
  idle: 'Không có gì đang chạy',
  away: 'Mất bộ điều phối',
  running: (count) => `${count} tác tử đang chạy`,
  stopping: (count) => `Đang dừng ${count} tác tử …`,
  stays: {
    title: 'Amphitheatre vẫn chạy',
    body: 'Các tác tử vẫn làm việc. Mở lại cửa sổ hoặc thoát từ khay hệ thống.',
  },
  stopAsk: {
    message: (count) => (count === 0 ? 'Dừng tất cả lượt chạy?' : `Dừng ${count} tác tử?`),
    detail: 'Mọi lượt đang chạy kết thúc tại đây. Những gì đã hợp nhất được giữ lại.',
    stop: 'Dừng',
    cancel: 'Tiếp tục chạy',
  },
  quitAsk: {
    message: (count) => `${count} tác tử đang làm việc.`,
    detail:
      'Tác tử bị dừng sẽ kết thúc ngay cùng lượt chạy của nó. Tác tử được để lại vẫn làm việc; chương trình sẽ nhận lại chúng ở lần mở sau.',
    stop: 'Dừng tác tử',
    leave: 'Để chúng làm việc',
    cancel: 'Hủy',
  },
  stillStopping: {
    message: 'Các tác tử vẫn đang dừng.',
    detail: 'Chương trình tự kết thúc khi xong. Nếu để lại, chúng sẽ được nhận lại ở lần mở sau.',
    wait: 'Chờ',
    leave: 'Để lại và thoát',
  },
  hung: {
    message: 'Cửa sổ không phản hồi.',
    detail: 'Các tác tử vẫn làm việc. Tải lại cửa sổ không làm mất gì.',
    wait: 'Chờ',
    reload: 'Tải lại',
  },
  crashed: {
    message: 'Cửa sổ liên tục gặp lỗi.',
    detail: (reason) => `Nó đã dừng nhiều lần liên tiếp (${reason}). Các tác tử vẫn chạy, không mất gì.`,
    again: 'Thử lại',
    quit: 'Thoát',
  },
  menu: {
    file: 'Tệp',
    edit: 'Sửa',
    view: 'Xem',
    go: 'Đi tới',
    window: 'Cửa sổ',
    help: 'Trợ giúp',
    openProject: 'Dự án …',
    newest: 'Việc cần bạn',
    dataFolder: 'Mở thư mục dữ liệu',
  },
  views: {
    house: 'Khán đài',
    graph: 'Đồ thị',
    agents: 'Tác tử và cửa sổ lệnh',
    talk: 'Hội thoại',
    queue: 'Hàng đợi',
    runs: 'Lượt chạy',
    timeline: 'Dòng thời gian',
    locks: 'Khóa',
    conflicts: 'Xung đột',
    incidents: 'Sự cố',
    releases: 'Phát hành',
    health: 'Sức khỏe',
    context: 'Bối cảnh',
    events: 'Nhật ký sự kiện',
    projects: 'Dự án',
  },
}

/** The words of a locale such as `vi-VN`; English for languages that are not there. */
export function wordsFor(locale: string): Words {
  return locale.toLowerCase().split(/[-_]/)[0] === 'vi' ? VIETNAMESE : ENGLISH
}
