import { lockDataFolder } from '../dataFolderLock.ts'

/** Locks the folder it is given, says how that went, and stays. */
const lock = lockDataFolder(process.argv[2]!)
console.log(JSON.stringify(lock))
process.stdin.resume()
