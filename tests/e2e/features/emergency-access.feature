Feature: Extra rights in an emergency take two people, and end

  @IDN-04
  Scenario: A colleague agrees, and the access is ended early and waits for its review
    Given an administrator who belongs to no group cannot read the outbox
    When they ask for the rights of operations for 30 minutes, because "The mail service is down."
    Then they still cannot read the outbox, and cannot agree to it themselves
    When the first administrator agrees to it
    Then a banner tells them of their access, and they can read the outbox
    When they end the access
    Then they cannot read the outbox any more, and the access waits for its review
