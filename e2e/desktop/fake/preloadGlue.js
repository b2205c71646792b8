// Runs in the page before everything else; gives the preload the three things it asks Electron for.
const listeners = new Map()

const unpack = (value) => {
  if (Array.isArray(value)) return value.map(unpack)
  if (typeof value !== 'object' || value === null) return value
  if (typeof value.$bytes === 'string') return Uint8Array.from(atob(value.$bytes), (c) => c.charCodeAt(0))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unpack(one)]))
}

window.__amphitheatreDeliver = (channel, message) => {
  for (const listener of listeners.get(channel) ?? []) listener({}, unpack(message))
}

const ipcRenderer = {
  invoke: async (channel, args) => unpack(await window.__amphitheatreInvoke(channel, args)),
  on: (channel, listener) => {
    if (!listeners.has(channel)) listeners.set(channel, new Set())
    listeners.get(channel).add(listener)
  },
  off: (channel, listener) => listeners.get(channel)?.delete(listener),
}

const contextBridge = {
  exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: Object.freeze({ ...api }) }),
}

const known = { contextBridge, ipcRenderer }

const strict = (name, target) =>
  new Proxy(target, {
    get(of, key) {
      if (key in of || typeof key === 'symbol') return of[key]
      void window.__amphitheatreInvoke('unknown', `${name}.${key}`)
      throw new Error(`the stand-in does not know ${name}.${key}`)
    },
  })

// biome-ignore lint/correctness/noUnusedVariables: the preload, which follows, calls it
const require = (name) => {
  if (name !== 'electron') throw new Error(`a sandboxed preload has no ${name}`)
  return strict('electron', {
    contextBridge: strict('contextBridge', known.contextBridge),
    ipcRenderer: strict('ipcRenderer', known.ipcRenderer),
  })
}
