import type { Runbook } from './rules.ts'

/** Version 1. A version that has shipped is not changed any more: what changes is a new version beside it. */
export const RUNBOOK_1: Runbook = {
  version: '1',
  tell: [
    'Within 30 minutes: tell the people who share and watch what does not work, since when, and when they hear from you again. No names, no links, no titles.',
    'Every hour after that, and at the end: what happened, and what they should do again.',
    'If personal data may have been reached, this is an incident: follow your incident procedure first; the clocks of notification run from the moment you know.',
    'Write down when you saw it, when the vendor answered, and when it was over; keep that for two years.',
  ],
  services: [
    {
      id: 'video',
      name: 'Video service (Mux, or the engine)',
      settings: ['MUX_TOKEN_ID', 'MUX_STATUS_URL', 'INTERNAL_URL'],
      alerts: [
        'video.notice',
        'video.notice-shape',
        'uploads.reconcile',
        'revoke-unconfirmed',
        'revoke-probe',
        'reconciliation.failed',
        'reconciliation.overdue',
        'webhooks.failure_ratio',
        'metrics.silent:engine',
      ],
      signs: [
        'Alerts of the status page, of the revocation probe or of the reconciliation.',
        'Uploads stay at “processing”; the metrics show that webhooks have stopped coming.',
      ],
      stops:
        'New uploads and what is being prepared. With the engine away playback stops too; with Mux’s API away, running playback goes on until its token ends.',
      goesOn:
        'Signing in, links, revoking: a revoke holds here at once, and is carried out at the video service as soon as it answers. Events that come late are applied late, in the right order.',
      steps: [
        'Mux: open status.mux.com and compare with the alert. Engine: `/engine/health` of its process says what it lacks; look at its log, then start it again.',
        'Is it the way there? `curl -I` to MUX_BASE_URL or INTERNAL_URL from the portal’s machine. Change no setting meanwhile.',
        'A link that must end now: revoke it in the portal as always. On Mux its running tokens end within PLAYBACK_TOKEN_TTL_SECONDS.',
      ],
      fallback:
        'Tell people to keep their files and upload later; an upload that has begun goes on where it stopped. There is no second video service to switch to, and no unsigned playback to fall back to.',
      afterwards: [
        'Comparison, Compare and repair: everything here is compared with everything there.',
        'Webhooks, dead letters: replay what was given up.',
      ],
      escalate:
        'Mux: support@mux.com or the dashboard’s support, with the request IDs of the log. Engine: whoever runs its machine.',
    },
    {
      id: 'database',
      name: 'PostgreSQL',
      settings: ['DATABASE_URL'],
      alerts: ['queue.ends', 'audit.write'],
      signs: [
        '`/api/health/ready` answers 503; pages say that something is not available.',
        'The log says that connections are refused or that the disk is full.',
      ],
      stops: 'Everything: nothing is let through that can’t be decided and recorded.',
      goesOn: 'Nothing is lost that was answered. Processes stay up and go on by themselves when it is back.',
      steps: [
        'Is it reachable from the portal’s machine? `npm run portal -- doctor` says what it answers, and whether its clock agrees.',
        'Is its disk full? Make room; never delete files of the server by hand.',
        'A service such as Neon: its status page and dashboard; a suspended database wakes at the first connection.',
      ],
      fallback:
        'Restore the newest backup into a new server, point DATABASE_URL at it, and start with the same SECRETS_FILE and MASTER_KEY_FILE. An older state of the log is noticed: say why to its witnesses.',
      afterwards: ['`npm run portal -- audit verify`', 'Comparison, Compare and repair.'],
      escalate: 'Whoever runs the server; Neon: the console’s support.',
    },
    {
      id: 'limits',
      name: 'Redis (limits)',
      settings: ['REDIS_URL'],
      alerts: ['limits.store-failed'],
      signs: ['An alert that requests can’t be counted.'],
      stops:
        'What costs money or guards credentials answers 503: signing in, the gate of links, uploads, beginning and renewing playback.',
      goesOn: 'Reading, revoking, and playback until its token ends.',
      steps: [
        'Is it reachable? `redis-cli -u "$REDIS_URL" ping` from the portal’s machine.',
        'Full? It needs a few megabytes and an eviction policy that removes keys with an expiry alone.',
      ],
      fallback: 'Unset REDIS_URL and start the processes again: counting goes on in the database, from zero.',
      afterwards: ['Set REDIS_URL again when it has been well for an hour.'],
      escalate: 'Whoever runs it; Upstash: the console’s support.',
    },
    {
      id: 'storage',
      name: 'Object storage (S3)',
      settings: ['S3_BUCKET', 'S3_ENDPOINT'],
      alerts: ['audit.archive', 'audit.tiers', 'audit.growth', 'audit.snapshot'],
      signs: [
        '`/engine/health` names storage; playback breaks off where a segment is not in memory.',
        'Alerts of the audit log’s archive.',
      ],
      stops: 'Playback of what is not in memory, preparing uploads, the archive of the audit log, exports.',
      goesOn: 'Signing in, links, revoking, the audit log itself. Uploads and jobs wait and say so.',
      steps: [
        'Do address, credentials and bucket answer? `aws s3 ls` with the portal’s settings, from its machine.',
        'Credentials replaced? Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY and start again.',
      ],
      fallback:
        'A copy of the bucket elsewhere: set S3_ENDPOINT and S3_BUCKET to it. Keys of objects stay the same.',
      afterwards: [
        'The archive’s next check reads back what was written.',
        'Uploads that wait go on by themselves.',
      ],
      escalate: 'The storage provider’s support, with the bucket’s region and the time.',
    },
    {
      id: 'mail',
      name: 'Mail (SMTP or Resend)',
      settings: ['SMTP_URL', 'RESEND_API_KEY'],
      alerts: ['mail.send', 'alerts.channel:email'],
      signs: ['An alert that mails were given up; people say that no code comes.'],
      stops: 'Codes for signing in and for links that prove an address, invitations, news.',
      goesOn:
        'Passwords, passkeys, links without an address. Each mail is tried ten times over nearly four hours; a code that comes late has ended and is asked for again.',
      steps: [
        '`npm run portal -- doctor`: does it answer?',
        'Refused for the sender’s domain? Look at SPF, DKIM and MAIL_FROM.',
      ],
      fallback:
        'The other way: set SMTP_URL in place of RESEND_API_KEY, or the reverse, and start again. Waiting mails leave by it.',
      afterwards: ['Outbox: nothing waits for longer than an hour.'],
      escalate: 'Resend: support@resend.com; SMTP: whoever runs the server.',
    },
    {
      id: 'identity',
      name: 'Identity (Clerk or an OpenID provider)',
      settings: ['CLERK_SECRET_KEY', 'OIDC_ISSUER'],
      alerts: [],
      signs: ['People come back from the provider with an error, or never reach its page.'],
      stops: 'New sign-ins by that provider.',
      goesOn: 'Sessions that run, up to twelve hours; viewers of links; API keys.',
      steps: [
        'The provider’s status page; `curl -I` to CLERK_API_URL or OIDC_ISSUER from the portal’s machine.',
        'Keys or secret replaced there? Set the new ones here and start again.',
      ],
      fallback:
        'With an OpenID provider: passwords here work unless SSO_REQUIRED; the first administrator’s works in any case. With Clerk there is no password here: wait, and keep sessions alive.',
      afterwards: ['People, sign-ins of the time: anybody who should not have come in?'],
      escalate: 'Clerk: support@clerk.com; else whoever runs the provider.',
    },
    {
      id: 'alerts',
      name: 'Alert channels (PagerDuty, Slack)',
      settings: ['PAGERDUTY_ROUTING_KEY', 'SLACK_WEBHOOK_URL'],
      alerts: ['alerts.channel'],
      signs: ['An alert on the other channels that one takes none.'],
      stops: 'Telling by that channel.',
      goesOn: 'Alerts are raised, shown under Alerts and told by the other channels.',
      steps: [
        'Alerts, Test the channels: does it answer, and what?',
        'Key or webhook replaced? Set the new one and start again.',
      ],
      fallback: 'Have somebody watch the Alerts page, or set ALERT_EMAIL to an address that wakes people.',
      afterwards: ['Test the channel once more.'],
      escalate: 'PagerDuty: support@pagerduty.com; Slack: the workspace’s administrators.',
    },
    {
      id: 'witnesses',
      name: 'Witnesses and time-stamps of the audit log',
      settings: ['AUDIT_WITNESSES', 'AUDIT_TSA_URL'],
      alerts: ['audit.witness_late', 'audit.witness_refused', 'audit.timestamp_failed', 'audit.head_late'],
      signs: ['An alert that a witness is late or refuses, or that no time-stamp comes.'],
      stops: 'Fresh proof by others that the log is the same for everybody.',
      goesOn: 'The log itself: nothing waits for a witness, and what is missing is fetched later.',
      steps: [
        'Late: is it reachable from here?',
        'Refuses: it has seen another log than it is shown now. Take that as tampering until it is explained; keep both heads.',
      ],
      fallback: 'Another witness: add it to AUDIT_WITNESSES; the old one stays until it is explained.',
      afterwards: ['`npm run portal -- audit verify`'],
      escalate: 'Whoever runs the witness; for a refusal, your security group at once.',
    },
    {
      id: 'errors',
      name: 'Errors and metrics (Sentry, a collector)',
      settings: ['SENTRY_DSN', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
      alerts: [],
      signs: ['Nothing arrives there, while the log has errors.'],
      stops: 'Seeing errors and metrics there.',
      goesOn: 'Everything else: nothing waits for them. The log and the Metrics page have the same.',
      steps: ['Read standard error and the Metrics page meanwhile.'],
      fallback: 'None is needed.',
      afterwards: ['What was not sent is not sent later; the log keeps it.'],
      escalate: 'Sentry: its support page; a collector: whoever runs it.',
    },
  ],
}
