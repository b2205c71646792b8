import { runnerDoorContract } from '../testing/runnerDoorContract.ts'
import { createTestBench } from './testBench.ts'

runnerDoorContract(createTestBench, () => ({
  folder: '/run/amphitheatre',
  context: '/run/amphitheatre/context',
}))
