import type { Page } from '@playwright/test'

/** One page in one state: who looks, where, and what they do before the picture is taken. */
export type Scene = {
  name: string
  as: 'nobody' | 'agency' | 'newcomer' | 'careful' | 'admin' | 'beginner'
  path: string
  act?: (page: Page) => Promise<void>
  /** undoes what would show in later scenes */
  after?: (page: Page) => Promise<void>
}

export const press = (name: string | RegExp) => (page: Page) =>
  page.getByRole('button', { name }).first().click()
export const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { name }).first().waitFor()
