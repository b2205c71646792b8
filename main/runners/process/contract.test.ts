import { runnerContract } from '../testing/runnerContract.ts'
import { createProcessBench } from './testBench.ts'

runnerContract(createProcessBench)
