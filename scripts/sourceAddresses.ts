import { relative, sep } from 'node:path'

/** As much of a bundler's plugin as this one is. */
interface AddressPlugin {
  readonly name: string
  readonly enforce: 'pre'
  transform(code: string, id: string): { readonly code: string; readonly map: null } | undefined
}

/** Where bundles of the main process lie in the project, and in the package made of it. */
const BUNDLES = 'out/main/'

/**
 * Modules of ours name files beside themselves by their own address (`new URL('../../resources/…', import.meta.url)`).
 * In a bundle that address would be the bundle's. This gives them the one they have in the project, which lies around
 * the bundles as it does around the sources, in a package too.
 */
export function sourceAddresses(root: string): AddressPlugin {
  return {
    name: 'source-addresses',
    enforce: 'pre',
    transform(code, id) {
      const path = relative(root, id.split('?')[0]!).split(sep).join('/')
      // The entry knows that it is a bundle.
      if (!path.startsWith('main/') || path === 'main/index.ts' || !code.includes('import.meta.')) {
        return undefined
      }
      const address = `import.meta.url.replace(/${BUNDLES.replaceAll('/', '\\/')}(chunks\\/)?[^/]*$/, ${JSON.stringify(path)})`
      const folder = `decodeURIComponent(new URL('.', ${address}).pathname.replace(/^\\/(?=[A-Za-z]:)/, ''))`
      const rewritten = code
        .replace(/\bimport\.meta\.url\b/g, '\0url')
        .replace(/\bimport\.meta\.dirname\b/g, '\0folder')
        .replaceAll('\0url', `(${address})`)
        .replaceAll('\0folder', `(${folder})`)
      return { code: withOwnRequire(rewritten), map: null }
    },
  }
}

/** electron-vite declares a `require` in every bundle where one is called: a module's own gets another name. */
function withOwnRequire(code: string): string {
  return /\bconst require\b/.test(code) ? code.replace(/\brequire\b/g, 'ownRequire') : code
}
