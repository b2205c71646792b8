import { contextBridge, ipcRenderer } from 'electron'
import { type AmphitheatreBridge, MESSAGES, REQUESTS } from './contract.ts'

/** The only way from the pages to the main process: named requests and messages, nothing generic. */
const bridge: AmphitheatreBridge = {
  request: (name, args) => {
    if (!REQUESTS.includes(name)) return Promise.reject(new Error(`unknown request ${String(name)}`))
    return ipcRenderer.invoke(`amphitheatre:${name}`, args)
  },
  on: (name, listener) => {
    if (!MESSAGES.includes(name)) throw new Error(`unknown message ${String(name)}`)
    const handler = (_: unknown, message: Parameters<typeof listener>[0]): void => listener(message)
    ipcRenderer.on(`amphitheatre:${name}`, handler)
    return () => {
      ipcRenderer.off(`amphitheatre:${name}`, handler)
    }
  },
}

contextBridge.exposeInMainWorld('amphitheatre', bridge)
