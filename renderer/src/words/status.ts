import { formatDuration } from '../../../main/domain/duration.ts'
import { parseAttemptId } from '../../../main/domain/ids.ts'
import type { Run } from '../../../main/domain/state.ts'
import type { Why } from '../../../main/domain/status.ts'
import { defineWords, type Like, useWords } from './language.ts'

/** The states' words, the same in seats, cards, lists and notifications. */
const statusWords = defineWords(
  {
    task: {
      done: 'done',
      skipped: 'skipped',
      cancelled: 'cancelled',
      failed: 'failed',
      'needs-you': 'needs you',
      'held-up': 'held up',
      running: 'running',
      paused: 'paused',
      stopping: 'stopping',
      finishing: 'finishing',
      conflict: 'conflict',
      blocked: 'blocked',
      over: 'over',
      starting: 'starting',
      waits: 'waiting',
    },
    run: {
      'needs-you': 'needs you',
      'held-up': 'held up',
      paused: 'paused',
      done: 'done',
      failed: 'failed',
      stopped: 'stopped',
      stopping: 'stopping',
      preparing: 'preparing',
      running: 'running',
    },
    why: {
      preparing: 'waits for the code to be copied',
      runPaused: 'the run is paused',
      phase: (name: string) => `waits for phase ${name}`,
      needs: (names: string) => `waits for ${names}`,
      needsMore: (names: string, more: number) => `waits for ${names} and ${more} more`,
      and: ' and ',
      capacity: 'waits for a free agent',
      locks: 'waits for its locks',
      held: (conflict: string) => `stands still for conflict ${conflict}`,
      heldBehind: (conflict: string, name: string) =>
        `stands still until ${name} is merged (conflict ${conflict})`,
      postponed: (name: string, file: string, percent: number) =>
        `put behind others: may clash with ${name} in ${file} (odds of ${percent} %)`,
      lockedBy: (name: string) => `locked by ${name}`,
      lockedByMore: (name: string, more: number) => `locked by ${name} and ${more} more`,
      lockHeld: (what: string, name: string) => `waits for ${what}: ${name} holds it`,
      lockAhead: (what: string, name: string) => `waits for ${what}: ${name} comes first`,
      lockAndMore: (what: string, more: number) => `${what} and ${more} more`,
      lockMore: (text: string, more: number) => `${text}, ${more} more in its way`,
      retry: (time: string) => `tries again in ${time}`,
      retryOther: (time: string) => `another agent tries in ${time}`,
      copying: 'copying the code',
      merging: 'merging its work',
      inQueue: (place: number) => `number ${place} in the merge queue`,
      queueHeld: (place: number) => `number ${place} in the merge queue, which is held up`,
      checkedAlone: (check: number, limit: string) =>
        `checked before it is merged (merge-check#${check}, at most ${limit})`,
      checkedWith: (check: number, names: string, limit: string) =>
        `checked before it is merged, with ${names} (merge-check#${check}, at most ${limit})`,
      gates: (names: string) => `stands before gate ${names}`,
      gatesApproval: (names: string) => `gate ${names} waits for approval`,
      saving: 'saving its work',
      timeLimit: 'over its time limit',
      causes: {
        failed: 'it failed',
        timeout: 'over its time limit',
        stuck: 'no sign of life',
        stopped: 'someone stopped it',
        lost: 'nobody knows how it ended',
        cancelled: 'the run was stopped',
        conflict: 'its work clashes',
      },
    },
  },
  {
    task: {
      done: 'xong',
      skipped: 'đã bỏ qua',
      cancelled: 'đã hủy',
      failed: 'thất bại',
      'needs-you': 'cần bạn',
      'held-up': 'bị giữ lại',
      running: 'đang chạy',
      paused: 'tạm dừng',
      stopping: 'đang dừng',
      finishing: 'đang kết thúc',
      conflict: 'xung đột',
      blocked: 'bị khóa',
      over: 'đã kết thúc',
      starting: 'đang khởi động',
      waits: 'đang chờ',
    },
    run: {
      'needs-you': 'cần bạn',
      'held-up': 'bị giữ lại',
      paused: 'tạm dừng',
      done: 'xong',
      failed: 'thất bại',
      stopped: 'đã dừng',
      stopping: 'đang dừng',
      preparing: 'đang chuẩn bị',
      running: 'đang chạy',
    },
    why: {
      preparing: 'chờ sao chép mã nguồn',
      runPaused: 'lượt chạy đang tạm dừng',
      phase: (name: string) => `chờ giai đoạn ${name}`,
      needs: (names: string) => `chờ ${names}`,
      needsMore: (names: string, more: number) => `chờ ${names} và ${more} tác vụ khác`,
      and: ' và ',
      capacity: 'chờ một tác tử rảnh',
      locks: 'chờ khóa',
      held: (conflict: string) => `đứng yên vì xung đột ${conflict}`,
      heldBehind: (conflict: string, name: string) =>
        `đứng yên cho đến khi ${name} được gộp (xung đột ${conflict})`,
      postponed: (name: string, file: string, percent: number) =>
        `xếp sau việc khác: có thể xung đột với ${name} ở ${file} (khả năng ${percent} %)`,
      lockedBy: (name: string) => `bị ${name} khóa`,
      lockedByMore: (name: string, more: number) => `bị ${name} và ${more} bên khác khóa`,
      lockHeld: (what: string, name: string) => `chờ ${what}: ${name} đang giữ`,
      lockAhead: (what: string, name: string) => `chờ ${what}: ${name} đến trước`,
      lockAndMore: (what: string, more: number) => `${what} và ${more} thứ khác`,
      lockMore: (text: string, more: number) => `${text}, còn ${more} bên khác cản đường`,
      retry: (time: string) => `thử lại sau ${time}`,
      retryOther: (time: string) => `tác tử khác thử sau ${time}`,
      copying: 'đang sao chép mã nguồn',
      merging: 'đang gộp kết quả',
      inQueue: (place: number) => `thứ ${place} trong hàng đợi gộp`,
      queueHeld: (place: number) => `thứ ${place} trong hàng đợi gộp, hàng đợi đang bị giữ`,
      checkedAlone: (check: number, limit: string) =>
        `đang kiểm tra trước khi gộp (merge-check#${check}, nhiều nhất ${limit})`,
      checkedWith: (check: number, names: string, limit: string) =>
        `đang kiểm tra trước khi gộp, cùng ${names} (merge-check#${check}, nhiều nhất ${limit})`,
      gates: (names: string) => `đang đứng trước cổng ${names}`,
      gatesApproval: (names: string) => `cổng ${names} chờ phê duyệt`,
      saving: 'đang lưu kết quả',
      timeLimit: 'quá giới hạn thời gian',
      causes: {
        failed: 'đã thất bại',
        timeout: 'quá giới hạn thời gian',
        stuck: 'không còn dấu hiệu hoạt động',
        stopped: 'có người đã dừng',
        lost: 'không rõ đã kết thúc thế nào',
        cancelled: 'lượt chạy đã bị dừng',
        conflict: 'kết quả bị xung đột',
      },
    },
  },
)

export type StatusWords = Like<(typeof statusWords)['en']>

export function useStatusWords(): StatusWords {
  return useWords(statusWords)
}

/** Names of needs shown before the rest is counted. */
const NAMED = 2

/** Why it is where it is, as a sentence without a full stop; empty for null. `now`: engine time, ms. */
export function sentenceOf(w: StatusWords, run: Run, why: Why | null, now: number): string {
  if (why === null) return ''
  switch (why.kind) {
    case 'preparing':
      return w.why.preparing
    case 'run-paused':
      return w.why.runPaused
    case 'phase':
      return w.why.phase(run.plan.phases[why.phase]?.name ?? '')
    case 'needs': {
      const names = why.tasks.slice(0, NAMED).map((task) => run.plan.tasks[task]!.id)
      const more = why.tasks.length - names.length
      const joined = names.join(w.why.and)
      return more === 0 ? w.why.needs(joined) : w.why.needsMore(joined, more)
    }
    case 'capacity':
      return w.why.capacity
    case 'postponed': {
      const { behind, file, odds } = why
      return w.why.postponed(parseAttemptId(behind)?.task ?? behind, file, Math.round(odds * 100))
    }
    case 'held': {
      const { conflict, behind } = why
      return behind === null
        ? w.why.held(conflict)
        : w.why.heldBehind(conflict, parseAttemptId(behind)?.task ?? behind)
    }
    case 'locks': {
      const [first] = why.holders
      if (first === undefined) return w.why.locks
      const name = parseAttemptId(first)?.task ?? first
      return why.holders.length === 1
        ? w.why.lockedBy(name)
        : w.why.lockedByMore(name, why.holders.length - 1)
    }
    case 'retry': {
      const time = formatDuration(Math.max(0, why.at - now))
      return why.by === 'same' ? w.why.retry(time) : w.why.retryOther(time)
    }
    case 'asked':
      return why.attention.text
    case 'trouble':
      return why.error
    case 'copying':
      return w.why.copying
    case 'merging':
      return w.why.merging
    case 'merge-queue':
      return (why.held ? w.why.queueHeld : w.why.inQueue)(why.place)
    case 'merge-check': {
      const others = why.others.map((task) => run.plan.tasks[task]!.id)
      const limit = formatDuration(why.limitMs)
      if (others.length === 0) return w.why.checkedAlone(why.check, limit)
      return w.why.checkedWith(why.check, others.join(w.why.and), limit)
    }
    case 'gates':
      return (why.waiting ? w.why.gatesApproval : w.why.gates)(why.gates.join(w.why.and))
    case 'saving':
      return w.why.saving
    case 'time-limit':
      return w.why.timeLimit
    case 'stopping':
      return (w.why.causes as Readonly<Record<string, string>>)[why.cause] ?? why.cause
    case 'cause':
      // The log says who with a kind, `person:ann`; people are known without.
      return why.text.replace(/\bperson:(?=\S)/g, '')
  }
}
