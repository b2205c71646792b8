import { runnerDoorContract } from '../testing/runnerDoorContract.ts'
import { createProcessBench } from './testBench.ts'

runnerDoorContract(createProcessBench, ({ folder, context }) => ({ folder, context }))
