'use client'

import { ArrowDown, ArrowUp } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import type { KeyboardEvent, ReactNode } from 'react'
import { classes } from './classes.ts'

export type Column<T> = {
  name: string
  head: ReactNode
  cell: (row: T) => ReactNode
  /** the column is left out below this width */
  from?: 'sm' | 'md' | 'lg' | 'xl'
  numeric?: boolean
  /** value of `sort` in the URL, and the direction that it means */
  sort?: { value: string; direction: Direction }
  className?: string
}

type TableProps<T> = {
  label: string
  columns: Column<T>[]
  rows: T[]
  id: (row: T) => string
  selected?: string | null
  /**
   * the sort that is in force; the first value is the default and stays out of the URL. With `direction`, the chosen
   * head turns its order round by `order` in the URL
   */
  sort?: Sort
}

type Direction = 'ascending' | 'descending'
type Sort = { chosen: string; fallback: string; direction?: Direction }

const shownFrom = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden', xl: 'max-xl:hidden' }

/** Arrows go from row to row where each row has one element marked `data-row`. */
function moveBetweenRows(event: KeyboardEvent<HTMLTableSectionElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const here = stops.indexOf(document.activeElement as HTMLElement)
  const next = stops[here + (event.key === 'ArrowDown' ? 1 : -1)]
  if (here < 0 || !next) return
  event.preventDefault()
  next.focus()
}

/** A real table of 44 px rows: heads that sort through the URL, columns that give way on narrow screens. */
export function DataTable<T>({ label, columns, rows, id, selected, sort }: TableProps<T>) {
  return (
    <table aria-label={label} className="w-full border-collapse text-left">
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              aria-sort={
                column.sort && sort?.chosen === column.sort.value
                  ? (sort.direction ?? column.sort.direction)
                  : undefined
              }
              className={classes(
                'h-9 border-b border-line px-3 text-xs font-medium whitespace-nowrap text-ink-2',
                column.from && shownFrom[column.from],
                column.numeric && 'text-right',
              )}
            >
              {column.sort && sort ? <SortHead column={column} sort={sort} /> : column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody onKeyDown={moveBetweenRows}>
        {rows.map((row) => (
          <tr
            key={id(row)}
            className={classes('group', selected === id(row) ? 'bg-sunken' : 'hover:bg-sunken')}
          >
            {columns.map((column) => (
              <td
                key={column.name}
                className={classes(
                  'h-11 border-b border-line px-3 py-1 align-middle group-last:border-b-0',
                  column.from && shownFrom[column.from],
                  column.numeric && 'text-right',
                  column.className,
                )}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function SortHead<T>({ column, sort }: { column: Column<T>; sort: Sort }) {
  const path = usePathname()
  const search = useSearchParams()
  if (!column.sort) return column.head
  const here = sort.chosen === column.sort.value
  const query = new URLSearchParams(search)
  query.delete('after')
  query.delete('sort')
  query.delete('order')
  if (column.sort.value !== sort.fallback) query.set('sort', column.sort.value)
  const direction = (here && sort.direction) || column.sort.direction
  if (here && sort.direction === column.sort.direction)
    query.set('order', column.sort.direction === 'ascending' ? 'desc' : 'asc')
  const Arrow = direction === 'ascending' ? ArrowUp : ArrowDown
  return (
    <Link
      href={query.size > 0 ? `${path}?${query}` : path}
      prefetch={false}
      replace
      scroll={false}
      className={classes(
        '-mx-1 inline-flex h-6 items-center gap-1 rounded-chip px-1 hover:text-ink',
        here && 'text-ink',
      )}
    >
      {column.head}
      <Arrow size={13} aria-hidden className={classes(!here && 'opacity-35')} />
    </Link>
  )
}
