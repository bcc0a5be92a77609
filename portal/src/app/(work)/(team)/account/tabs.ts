/** The pages of an account. */
export const ACCOUNT_TABS = [
  { href: '/account', label: 'Profile' },
  { href: '/account/security', label: 'Security' },
  { href: '/account/notifications', label: 'Notifications' },
  { href: '/account/keys', label: 'API keys' },
] as const
