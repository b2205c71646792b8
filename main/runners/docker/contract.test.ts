import { runnerContract } from '../testing/runnerContract.ts'
import { createTestBench } from './testBench.ts'

runnerContract(createTestBench)
