import { runnerExecContract } from '../testing/runnerExecContract.ts'
import { createProcessBench } from './testBench.ts'

runnerExecContract(createProcessBench)
