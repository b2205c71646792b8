/** The epic that `preparePublicPackage` writes: `amphi run verify`. */
export const EPIC = 'verify'

/** Where the image of the agents is built from; on the host only, never committed. */
export const IMAGE_FOLDER = 'agent-image'

/** The tools lie at the root of the file system: Node looks there last, from any clone, without a network. */
export const DOCKERFILE = `FROM amphitheatre/agent
ADD tools.tar.gz /
ENV PATH=/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`

/**
 * Three agents: lint and test side by side, then the build. The commands are those of the package's own
 * `package.json`, without coverage; the tests' TAP output gives the number of assertions.
 */
export const PROJECT_FILE = `version: 1
name: qs
image: {build: ${IMAGE_FOLDER}}
extends: amphitheatre-devops

epics:
  ${EPIC}:
    title: Lint, test and build
    phases:
      - name: Checks
        parallel:
          - id: lint
            title: Lint with the package's own rules
            agent: TestGuardian
            kind: check
            run: eslint .
            reads: [lib/**, test/**, eslint.config.mjs]
            timeout: 5 minutes
          - id: test
            title: Run the package's own tests
            agent: TestGuardian
            kind: check
            run: |
              tape 'test/**/*.js' > /tmp/results.tap
              code=$?
              grep '^not ok' /tmp/results.tap
              tail -n 5 /tmp/results.tap
              echo "passed=$(grep -c '^ok' /tmp/results.tap)" >> "$AMPHITHEATRE_OUTPUT"
              exit $code
            reads: [lib/**, test/**]
            timeout: 5 minutes
      - name: Build
        sequential:
          - id: build
            title: Bundle for the browser
            agent: BuildMaster
            run: >-
              mkdirp dist && browserify --standalone Qs -g unassertify -g @browserify/envify
              -g [ @browserify/uglifyify --mangle.keep_fnames --compress.keep_fnames --format.indent_level=1
              --compress.arrows=false --compress.passes=4 --compress.typeofs=false ]
              -p common-shakeify -p bundle-collapser/plugin lib/index.js > dist/qs.js
              && node -e 'require("node:assert").equal(require("./dist/qs.js").parse("a[b]=c").a.b, "c")'
              && echo "bytes=$(wc -c < dist/qs.js)" >> "$AMPHITHEATRE_OUTPUT"
            reads: [lib/**]
            writes: [dist/**]
            timeout: 5 minutes
`
