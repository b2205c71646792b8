import assert from 'node:assert/strict'

export interface Form {
  readonly action: string
  readonly method: string
  /** Names and values as the page has them before anyone types. */
  readonly fields: Readonly<Record<string, string>>
}

/** Sees the pages as a person without scripts does: text, links, forms. Enough HTML for our own pages. */
export class Browser {
  readonly #home: string
  /** What is shown now; empty before the first visit. */
  page = ''
  /** Of the latest answer; 0 before the first visit. */
  status = 0

  constructor(home: string) {
    this.#home = home
  }

  async visit(path: string): Promise<void> {
    await this.#show(fetch(new URL(path, this.#home)))
  }

  /** Fills a form in and sends it, following the redirect as browsers do. */
  async submit(form: Form, typed: Readonly<Record<string, string>>): Promise<void> {
    for (const name of Object.keys(typed)) assert.ok(name in form.fields, `the form asks for ${name}`)
    const values = new URLSearchParams({ ...form.fields, ...typed })
    const target = new URL(form.action, this.#home)
    if (form.method === 'get') target.search = values.toString()
    await this.#show(form.method === 'get' ? fetch(target) : fetch(target, { method: 'POST', body: values }))
  }

  /** The form with this action, a text or a pattern. */
  form(action: string): Form {
    const found = new RegExp(`<form[^>]*action="${RegExp.escape(action)}"[^>]*>.*?</form>`, 's').exec(
      this.page,
    )
    assert.ok(found, `the page has a form for ${action}`)
    const [form] = found
    const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([input]) => [
      attribute(input, 'name') ?? '',
      attribute(input, 'value') ?? '',
    ])
    return { action, method: attribute(form, 'method') ?? 'get', fields: Object.fromEntries(inputs) }
  }

  /** The card of the book with this title: its number, its state, its text. */
  book(title: string): { id: string; state: string; text: string } {
    const cards = [...this.page.matchAll(/<li class="book[^>]*>.*?<\/li>/gs)].map(([card]) => card)
    const card = cards.find((html) => textOf(html).includes(title))
    assert.ok(card, `the shelf shows ${title}`)
    return {
      id: /id="book-(\d+)"/.exec(card)?.[1] ?? '',
      state: attribute(card, 'data-state') ?? '',
      text: textOf(card),
    }
  }

  titles(): string[] {
    return [...this.page.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => textOf(title!))
  }

  text(): string {
    return textOf(this.page)
  }

  async #show(answer: Promise<Response>): Promise<void> {
    const response = await answer
    this.status = response.status
    this.page = await response.text()
  }
}

function attribute(html: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(html)?.[1]
}

function textOf(html: string): string {
  const plain = html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return plain
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
