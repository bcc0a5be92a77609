Feature: Everybody can use it

  @STM-05
  Scenario Outline: <page> has no accessibility violation, light and dark
    When somebody looks at <page>
    Then axe finds nothing, in light and in dark

    Examples:
      | page                     |
      | the sign-in page         |
      | an invitation            |
      | a forgotten password     |
      | the privacy notice       |
      | one's account            |
      | one's security           |
      | the team's videos        |
      | the team's uploads       |
      | a video                  |
      | the share dialog         |
      | the team's shares        |
      | who watched by a link    |
      | the mails to choose      |
      | the end of mails         |
      | the check of a receipt   |
      | all shares               |
      | a share's detail         |
      | the approvals            |
      | the time to black        |
      | the metrics              |
      | the alerts               |
      | the vendor runbook       |
      | the people               |
      | the erasures             |
      | the data inventory       |
      | a person's account       |
      | the staff groups         |
      | emergency access         |
      | one's API keys           |
      | a second factor owed     |
      | the webhooks             |
      | the comparison           |
      | the mail outbox          |
      | the signing keys         |
      | the limits of links      |
      | the limits of requests   |
      | abuse                    |
      | the audit log            |
      | types of audit events    |
      | keys of the log          |
      | access to the log        |
      | reviews of log access    |
      | storage of the log       |
      | a page that is not there |
      | the gate of a link       |
      | the code of a link       |
      | a shared video           |
      | a dead link              |
