/** Over people, their invitations and organisations decide those who answer for access, not everybody who administers. */
export const PEOPLE_KEEPERS = { role: 'admin' as const, groups: ['security' as const, 'operations' as const] }

/** Who may see the names and addresses of everybody: those who decide, and those who answer people's questions. */
export const PEOPLE_READERS = {
  role: 'admin' as const,
  groups: [...PEOPLE_KEEPERS.groups, 'compliance' as const, 'support' as const],
}
