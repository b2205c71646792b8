import { EventEmitter } from 'node:events'

/** Calls the stand-in does not know: each fails the test that made it. */
export const unknownCalls: string[] = []

/**
 * Lets through what `target` has and records everything else: an Electron call that the stand-in does not know must
 * never pass for one that worked.
 */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(of, key) {
      // A promise that resolves to this asks for `then`; printing asks for the others.
      if (key in of || typeof key === 'symbol' || key === 'then' || key === 'toJSON') {
        const value: unknown = Reflect.get(of, key, of)
        return typeof value === 'function' && !isClass(value) ? value.bind(of) : value
      }
      return unknown(`${name}.${key}`)
    },
    set(_, key) {
      return unknown(`${name}.${String(key)} =`)
    },
  })
}

export function unknown(call: string): never {
  unknownCalls.push(call)
  throw new Error(`the stand-in does not know ${call}`)
}

function isClass(value: object): boolean {
  return Function.prototype.toString.call(value).startsWith('class')
}

/** An event whose default can be prevented. */
export interface FakeEvent {
  prevented: boolean
  preventDefault(): void
}

export function fakeEvent<T extends object>(more: T): FakeEvent & T {
  const event = {
    ...more,
    prevented: false,
    preventDefault() {
      event.prevented = true
    },
  }
  return event
}

/** Has the events it is made with and no others. */
export class Events {
  readonly #name: string
  readonly #known: ReadonlySet<string>
  readonly #emitter = new EventEmitter()

  constructor(name: string, known: readonly string[]) {
    this.#name = name
    this.#known = new Set(known)
  }

  on(event: string, listener: (...args: never[]) => void): this {
    this.#check(event)
    this.#emitter.on(event, listener as (...args: unknown[]) => void)
    return this
  }

  once(event: string, listener: (...args: never[]) => void): this {
    this.#check(event)
    this.#emitter.once(event, listener as (...args: unknown[]) => void)
    return this
  }

  /** For the stand-in's own use. */
  fire(event: string, ...args: unknown[]): void {
    this.#check(event)
    this.#emitter.emit(event, ...args)
  }

  #check(event: string): void {
    if (!this.#known.has(event)) unknown(`${this.#name} event "${event}"`)
  }
}

/** Fails on what is set and not known, for options of constructors and calls. */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) if (!known.includes(key)) unknown(`${name} option "${key}"`)
}
