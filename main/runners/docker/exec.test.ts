import { runnerExecContract } from '../testing/runnerExecContract.ts'
import { createTestBench } from './testBench.ts'

runnerExecContract(createTestBench)
