import './jitless.ts'
import { contextBridge, ipcRenderer } from 'electron'
import type { Messages, Reply, RequestName, Requests } from './contract.ts'
import { isMessageName, isRequestName, messageSchemas } from './schemas.ts'

/**
 * The only way from the pages to the main process: named requests and messages, nothing generic. What crosses the
 * bridge is plain data, so replies come as they travel; the pages turn failures into errors.
 */
const carrier = {
  request: <K extends RequestName>(name: K, args: Requests[K]['args']): Promise<Reply> => {
    if (!isRequestName(name)) return Promise.reject(new Error(`unknown request ${String(name)}`))
    return ipcRenderer.invoke(`amphitheatre:${name}`, args) as Promise<Reply>
  },
  on: <K extends keyof Messages>(name: K, listener: (message: Messages[K]) => void): (() => void) => {
    if (!isMessageName(name)) throw new Error(`unknown message ${String(name)}`)
    const handler = (_: unknown, message: unknown): void => {
      listener(messageSchemas[name].parse(message) as Messages[K])
    }
    ipcRenderer.on(`amphitheatre:${name}`, handler)
    return () => {
      ipcRenderer.off(`amphitheatre:${name}`, handler)
    }
  },
}

/** What the preload puts into the page. */
export type Carrier = typeof carrier

contextBridge.exposeInMainWorld('amphitheatre', carrier)
