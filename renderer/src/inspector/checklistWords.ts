import type { ChecklistStepId } from '../../../main/domain/talk/checklist.ts'
import { defineWords } from '../words/language.ts'

/** The steps of the framework's start-up checklist. */
export const checklistWords = defineWords(
  {
    read_framework: 'Read the framework document',
    review_state: 'Review the state of the project',
    understand_dependencies: 'Understand dependencies',
    set_up_context: 'Set up the context folder',
    clone_repository: 'Clone the repository',
    install_dependencies: 'Install dependencies',
    configure_credentials: 'Configure credentials',
    verify_access: 'Verify access permissions',
    register: 'Register with the context manager',
    review_tasks: 'Review assigned tasks',
    identify_dependencies: 'Identify dependencies',
    plan_approach: 'Plan the approach',
    begin_tasks: 'Begin assigned tasks',
    update_context: 'Update the context regularly',
    communicate_blockers: 'Communicate blockers',
    request_reviews: 'Request reviews as needed',
  } satisfies Record<ChecklistStepId, string>,
  {
    read_framework: 'Đọc tài liệu khung làm việc',
    review_state: 'Xem trạng thái dự án',
    understand_dependencies: 'Hiểu các phụ thuộc',
    set_up_context: 'Thiết lập thư mục bối cảnh',
    clone_repository: 'Sao chép kho mã',
    install_dependencies: 'Cài các thư viện cần thiết',
    configure_credentials: 'Cấu hình thông tin đăng nhập',
    verify_access: 'Kiểm tra quyền truy cập',
    register: 'Đăng ký với bộ quản lý bối cảnh',
    review_tasks: 'Xem các tác vụ được giao',
    identify_dependencies: 'Xác định các phụ thuộc',
    plan_approach: 'Lên kế hoạch thực hiện',
    begin_tasks: 'Bắt đầu tác vụ được giao',
    update_context: 'Cập nhật bối cảnh thường xuyên',
    communicate_blockers: 'Báo khi bị vướng',
    request_reviews: 'Nhờ xem lại khi cần',
  },
)
