import { type Playground, playground } from '../../support/repository.ts'

/** A project whose agents do what the journey needs: one asks, one never ends, one fails, one comes after. */
export const TOUR = `version: 1
name: tour
extends: amphitheatre-devops
limits: {max_concurrent_agents: 4}
epics:
  tour:
    title: A short tour
    phases:
      - name: Work
        tasks:
          - id: ask
            title: Ask for a name
            agent: BuildMaster
            run: |
              printf 'name? '
              read name
              echo "hello $name"
              echo "$name" > greeting.txt
              echo "name=$name" >> "$AMPHITHEATRE_OUTPUT"
            writes: [greeting.txt]
          - id: watch
            title: Watch for ever
            agent: MonitoringSentinel
            run: n=0; while :; do n=$((n+1)); echo "tick $n"; sleep 0.2; done
          - id: flaky
            title: Fail
            agent: TestGuardian
            run: echo "this will not do"; exit 3
      - name: Afterwards
        tasks:
          - id: tidy
            title: Tidy up
            agent: BackupKeeper
            run: echo done > tidy.txt
            writes: [tidy.txt]
`

export function tour(): Playground {
  return playground({ 'amphitheatre.yaml': TOUR, 'README.md': '# Tour\n' })
}
