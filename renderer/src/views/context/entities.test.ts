import { expect, test } from 'vitest'
import {
  type Component,
  componentChangeSchema,
  type Risk,
  riskChangeSchema,
} from '../../../../main/domain/context/entities.ts'
import { componentChange, componentForm, holds, idFrom, riskChange, riskForm, sortRisks } from './entities.ts'

const risk = (id: string, more: Partial<Risk> = {}): Risk => ({
  id,
  title: id,
  level: 'medium',
  status: 'open',
  impact: '',
  mitigation: '',
  owner: null,
  by: 'person:ann',
  at: 0,
  ...more,
})

test('open risks come first, the gravest on top', () => {
  const risks = [
    risk('closed', { status: 'closed', level: 'critical' }),
    risk('low', { level: 'low' }),
    risk('new', { at: 2 }),
    risk('old', { at: 1 }),
    risk('grave', { level: 'critical' }),
  ]
  const sorted = sortRisks(Object.fromEntries(risks.map((one) => [one.id, one])))
  expect(sorted.map(({ id }) => id)).toEqual(['grave', 'new', 'old', 'low', 'closed'])
})

test.each([
  ['Prices are floats', 'prices-are-floats'],
  ['  Đĩa đầy khi sao lưu  ', 'dia-day-khi-sao-luu'],
  ['???', ''],
])('an id from %j', (title, id) => {
  expect(idFrom(title)).toBe(id)
})

test('what a form says is what the schema takes', () => {
  const change = riskChange({ ...riskForm(undefined), title: 'Prices are floats', owner: ' ' })
  expect(riskChangeSchema.parse(change)).toMatchObject({ id: 'prices-are-floats', level: 'medium' })
  // An owner that is deleted is gone.
  expect(change.owner).toBeNull()
  expect(riskChange(riskForm(risk('r', { owner: 'api' }))).owner).toBe('api')
  expect(riskChangeSchema.safeParse(riskChange(riskForm(undefined))).success).toBe(false)
})

test('owners are divided by commas; a component that is opened says what it is', () => {
  const component: Component = {
    name: 'services/cart',
    status: 'in_review',
    description: 'The cart',
    owners: ['api', 'web'],
    changes: [],
    by: 'agent:api',
    at: 0,
  }
  const form = componentForm(component)
  expect(form.owners).toBe('api, web')
  const change = componentChange({ ...form, owners: 'api, , api,docs', change: ' moved ' })
  expect(componentChangeSchema.parse(change)).toEqual({
    name: 'services/cart',
    status: 'in_review',
    description: 'The cart',
    owners: ['api', 'docs'],
    change: 'moved',
  })
})

test('every word has to be there', () => {
  expect(holds(['Prices', null, 'api'], 'API pri')).toBe(true)
  expect(holds(['Prices'], 'api')).toBe(false)
})
